// The programs of member.js for a client of 0.7 to 0.9.
(function (root, factory) {
  if (typeof module === 'object' && module.exports) module.exports = factory(require('./client'), require('./colon'));
  else root.interopColonMember = factory(root.interopClient, root.interopColon);
})(this, function (client, colon) {
  'use strict';

  // How long a member listens after the last message, for one too many.
  var after = 300;

  // When a member that moves does so, and when it asks the server what it sees.
  var moveAt = 300, askAt = 600;

  function base64(bytes) {
    return typeof btoa === 'function' ? btoa(String.fromCharCode.apply(null, bytes)) : Buffer.from(bytes).toString('base64');
  }

  // join enters a room, says so, and reports what has arrived once the message
  // marked as last has: whole and in order, or what was wrong. A member that
  // falls back is put into the room by the server, before it can ask; one that
  // moves has asked, and so been heard, before it goes on by another transport.
  function join(env, room, report, done) {
    var falls = env.mode === 'fall-back';
    var moves = env.mode === 'move';
    var carrier = { 'fall-back': 'xhr-polling', 'cross-domain': 'xhr-polling', move: 'xhr-polling', 'script-again': 'jsonp-polling' }[env.mode] || env.mode;
    var extra = falls ? { 'connect timeout': 4000, query: 'case=' + env.tag + '&room=' + room } : {};
    var socket = colon.connect(env, env.tag, extra);
    var next = 0, connects = 0, faults = [], told;
    socket.on('msg', function (m) {
      if (m.n !== next) faults.push('got ' + m.n + ' where ' + next + ' was due');
      next = m.n + 1;
      var data = { base64: true, data: base64([m.n % 256, 0, 255]) };
      var want = { n: m.n, last: m.last, times: m.times, text: client.repeat('\u00e9 \u20ac \ud83d\ude00 \u2028', m.times), data: data };
      if (client.show(m) !== client.show(want)) faults.push('message ' + m.n + ' arrived as ' + client.show(m));
      if (moves && m.n === moveAt) {
        if (colon.transport(socket) !== 'websocket') faults.push('it had moved before');
        colon.move(socket, 'xhr-polling');
      }
      if (moves && m.n === askAt) socket.emit('info', 0, function (v) { told = v.transport; });
      if (m.last) setTimeout(finish, after);
    });
    socket.on('disconnect', function (reason) { faults.push('disconnected: ' + reason); finish(); });
    socket.on('error', function (e) { faults.push('error: ' + e); finish(); });
    socket.on('connect_failed', function (e) { faults.push('connect_failed: ' + e); finish(); });
    socket.on('connect', function () {
      if (++connects > 1) faults.push('connected ' + connects + ' times');
      if (falls) report({ check: 'fallen', ok: true, detail: '' });
      else socket.emit('join', room, function (r) { report({ check: 'joined', ok: r === room, detail: '' }); });
    });
    var finished = false;
    function finish() {
      if (finished) return;
      finished = true;
      var name = colon.transport(socket);
      if (name !== carrier) faults.push('the transport is ' + name);
      if (moves && told !== carrier) faults.push('the server sees ' + told);
      report({ check: 'received', ok: faults.length === 0, detail: next + ' messages; ' + faults.slice(0, 5).join('; ') });
      colon.shut(socket);
      done();
    }
  }

  // hold connects, says so, and afterwards reports each loss of the connection
  // and each return, and at any time what it is told of errors. It never ends.
  function hold(env, report) {
    var socket = colon.connect(env, env.tag, { reconnect: true, 'reconnection delay': 50, 'max reconnection attempts': 100, 'reconnection limit': 200 });
    socket.on('error', function (e) { report({ check: 'error', ok: false, detail: String(e) }); });
    colon.once(socket, 'connect', function () {
      report({ check: 'ready', ok: true, detail: '' });
      socket.on('connect', function () { report({ check: 'back', ok: true, detail: '' }); });
    });
    socket.on('disconnect', function (reason) { report({ check: 'lost', ok: true, detail: String(reason) }); });
  }

  return { join: join, hold: hold };
});
