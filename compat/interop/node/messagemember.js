// The programs of member.js for a client of 0.1 to 0.6.
(function (root, factory) {
  if (typeof module === 'object' && module.exports) module.exports = factory(require('./client'), require('./messages'));
  else root.interopMessageMember = factory(root.interopClient, root.interopMessages);
})(this, function (client, messages) {
  'use strict';

  // How long a member listens after the last message, for one too many.
  var after = 300;

  function base64(bytes) {
    return typeof btoa === 'function' ? btoa(String.fromCharCode.apply(null, bytes)) : Buffer.from(bytes).toString('base64');
  }

  // join enters a room, says so, and reports what has arrived once the message
  // marked as last has: whole and in order, or what was wrong.
  function join(env, room, report, done) {
    var talk = new messages.Talk(env, env.tag);
    var next = 0, connects = 0, faults = [], finished = false;
    talk.on('msg', function (m) {
      if (m.n !== next) faults.push('got ' + m.n + ' where ' + next + ' was due');
      next = m.n + 1;
      var data = { base64: true, data: base64([m.n % 256, 0, 255]) };
      var want = { n: m.n, last: m.last, times: m.times, text: client.repeat('\u00e9 \u20ac \ud83d\ude00 \u2028', m.times), data: data };
      if (client.show(m) !== client.show(want)) faults.push('message ' + m.n + ' arrived as ' + client.show(m));
      if (m.last) setTimeout(finish, after);
    });
    talk.on('disconnect', function () { faults.push('disconnected'); finish(); });
    talk.on('connect', function () {
      if (++connects > 1) faults.push('connected ' + connects + ' times');
      talk.ask('join', room, function (r) { report({ check: 'joined', ok: r === room, detail: '' }); }, 'joined');
    });
    function finish() {
      if (finished) return;
      finished = true;
      if (talk.transport() !== messages.carrier(env)) faults.push('the transport is ' + talk.transport());
      report({ check: 'received', ok: faults.length === 0, detail: next + ' messages; ' + faults.slice(0, 5).join('; ') });
      talk.shut();
      done();
    }
    talk.connect();
  }

  // How often a member that resumes leaves, and for how long.
  var every = 250, absence = 400;

  // resume is join for a member whose connection breaks now and then. It says so when
  // the server has noticed, and comes back to its session after a while, in which
  // the others go on.
  function resume(env, room, report, done) {
    var talk = new messages.Talk(env, env.tag);
    var next = 0, faults = [], absences = 0, joined = false;
    talk.on('msg', function (m) {
      if (m.n !== next) faults.push('got ' + m.n + ' where ' + next + ' was due');
      next = m.n + 1;
      if (m.last) return setTimeout(finish, after);
      // Not while messages are taken: see shut of messages.js.
      if (next % every === 0) setTimeout(leave, 0);
    });
    talk.on('connect', function () {
      if (joined) return;
      joined = true;
      talk.ask('join', room, function (r) { report({ check: 'joined', ok: r === room, detail: '' }); }, 'joined');
    });
    function leave() {
      talk.leave(function (back) {
        absences++;
        report({ check: 'away', ok: true, detail: '' });
        setTimeout(back, absence);
      });
    }
    function finish() {
      report({ check: 'received', ok: faults.length === 0, detail: next + ' messages; ' + absences + ' absences; ' + faults.slice(0, 5).join('; ') });
      talk.shut();
      done();
    }
    talk.connect();
  }

  // hold connects, says so once the server has heard it, and afterwards reports
  // each loss of the connection and each return. It never ends.
  function hold(env, report) {
    var talk = new messages.Talk(env, env.tag, { reconnect: true, reconnectionDelay: 50 });
    talk.once('connect', function () {
      talk.ask('echo', 1, function () {
        report({ check: 'ready', ok: true, detail: '' });
        talk.on('connect', function () { report({ check: 'back', ok: true, detail: '' }); });
      });
    });
    talk.on('disconnect', function () { report({ check: 'lost', ok: true, detail: '' }); });
    talk.connect();
  }

  return { join: join, hold: hold, resume: resume };
});
