// Two programs for a client that stays: one that takes part in a room until
// its last message, and one that merely keeps a connection.
(function (root, factory) {
  if (typeof module === 'object' && module.exports) module.exports = factory(require('./client'));
  else root.interopMember = factory(root.interopClient);
})(this, function (client) {
  'use strict';

  // How long a member listens after the last message, for one too many.
  var after = 300;

  // join enters a room, says so, and reports what has arrived once the
  // message marked as last has: whole and in order, or what was wrong.
  function join(env, room, report, done) {
    var manager = client.open(env, env.tag);
    var socket = manager.socket('/');
    var next = 0, faults = [];
    socket.on('msg', function (m) {
      if (m.n !== next) faults.push('got ' + m.n + ' where ' + next + ' was due');
      next = m.n + 1;
      var want = { n: m.n, last: m.last, times: m.times, text: client.repeat('\u00e9 \u20ac \ud83d\ude00 \u2028', m.times), data: env.binary([m.n % 256, 0, 255]) };
      if (client.show(m) !== client.show(want)) faults.push('message ' + m.n + ' arrived as ' + client.show(m));
      if (m.last) setTimeout(finish, after);
    });
    socket.on('disconnect', function (reason) { faults.push('disconnected: ' + reason); finish(); });
    socket.on('error', function (e) { faults.push('error: ' + e); finish(); });
    function failed(e) { faults.push('connect_error: ' + e); finish(); }
    manager.on('connect_error', failed);
    manager.on('error', failed); // since 3.0
    socket.on('connect_error', failed);
    socket.on('connect', function () {
      socket.emit('join', room, function () { report({ check: 'joined', ok: true, detail: '' }); });
    });
    var finished = false;
    function finish() {
      if (finished) return;
      finished = true;
      var name = manager.engine && manager.engine.transport.name;
      if (name !== client.carrier(env.mode)) faults.push('the transport is ' + name);
      report({ check: 'received', ok: faults.length === 0, detail: next + ' messages; ' + faults.slice(0, 5).join('; ') });
      client.shut(manager);
      done();
    }
  }

  // hold connects, says when it has settled on its transport, and afterwards
  // reports each loss of the connection and each return, and at any time why it
  // could not connect. It never ends.
  function hold(env, report) {
    var manager = client.open(env, env.tag, { reconnection: true, reconnectionDelay: 50, reconnectionDelayMax: 200 });
    var socket = manager.socket('/');
    function failed(e) {
      report({ check: 'error', ok: false, detail: String(e && (e.description || e.message) || e) });
    }
    manager.on('connect_error', failed);
    manager.on('error', failed); // since 3.0
    socket.once('connect', function () {
      client.upgraded(env, manager, function () { report({ check: 'ready', ok: true, detail: '' }); });
      socket.on('connect', function () { report({ check: 'back', ok: true, detail: '' }); });
    });
    socket.on('disconnect', function (reason) { report({ check: 'lost', ok: true, detail: reason }); });
  }

  return { join: join, hold: hold };
});
