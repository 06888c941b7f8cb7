// A client that loses its connection again and again, and looks whether it misses
// anything, or gets anything twice.
(function (root, factory) {
  if (typeof module === 'object' && module.exports) module.exports = factory(require('./client'), require('./colon'));
  else root.interopReturning = factory(root.interopClient, root.interopColon);
})(this, function (client, colon) {
  'use strict';

  // run connects and reports each connection with how it came about: by the id, by
  // whether the client says that it is the old session, and by what the server says
  // to its question. Events "n" carry the number of their sender and their own, and a
  // string at the end, which the sender counts among them. The one marked as last
  // ends the run: what was wrong by then is reported.
  function run(env, report, done) {
    var manager, socket;
    if (env.generation === '0.7-0.9') socket = colon.connect(env, env.tag);
    else {
      manager = client.open(env, env.tag, { reconnection: true, reconnectionDelay: 20, reconnectionDelayMax: 100 });
      socket = manager.socket('/');
    }
    var next = {}, faults = [], total = 0, extra = 0, back = 0, id;

    socket.on('n', function (sender, n, mark) {
      var due = next[sender] || 0;
      if (n !== due) faults.push('sender ' + sender + ': got ' + n + ' where ' + due + ' was due');
      next[sender] = n + 1;
      total++;
      if (mark !== 'mark') faults.push('the last argument is ' + mark);
      if (arguments.length > 3) extra++;
      if (arguments.length > 4) faults.push(arguments.length + ' arguments');
    });
    socket.on('connect', function () {
      if (id && id === socket.id) back++;
      report({ check: 'connect', ok: true, detail: (socket.id || socket.socket.sessionid) + ' ' + !!socket.recovered });
      if (id && !!socket.recovered !== (id === socket.id)) faults.push('recovered ' + socket.recovered + ' with ' + socket.id + ' for ' + id);
      if (socket.recovered === false || !id) next = {};
      id = socket.id;
    });
    socket.on('last', function () {
      report({ check: 'returned', ok: faults.length === 0, detail: total + ' events, ' + extra + ' with an offset, ' + back + ' times back; ' + faults.slice(0, 5).join('; ') });
      if (manager) client.shut(manager);
      else socket.disconnect();
      done();
    });
  }

  return { run: run };
});
