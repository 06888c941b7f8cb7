// How a genuine client of 0.7 to 0.9 is opened in one transport mode, and what
// the programs for these releases share. Like client.js it runs in node and in
// a page.
(function (root, factory) {
  if (typeof module === 'object' && module.exports) module.exports = factory(require('./client'));
  else root.interopColon = factory(root.interopClient);
})(this, function (client) {
  'use strict';

  // The transports of the modes that are not called after their only one.
  var modes = {
    'fall-back': ['websocket', 'xhr-polling'],
    'move': ['websocket'],
    'cross-domain': ['xhr-polling'],
    'script-again': ['jsonp-polling']
  };

  // connect opens a connection of its own and returns the default namespace.
  //
  // The list of transports is set in the client itself, for the next connection:
  // as an option it is merged into the list that is there, place by place, and
  // changes it for good.
  function connect(env, tag, extra) {
    env.io.transports = (modes[env.mode] || [env.mode]).slice();
    var query = 'case=' + tag;
    var opts = { 'force new connection': true, reconnect: false, query: query };
    // The first release has no query; the test's server takes the tag out of
    // the path.
    if (env.release === '0.7.0') opts.resource = 'tagged/' + tag + '/socket.io';
    var socket = env.io.connect(env.url, client.merge(opts, extra));
    // Errors are told to the session as well, and node throws those that nobody
    // listens to.
    socket.socket.on('error', function () {});
    return socket;
  }

  // enter asks for a namespace of a connection and returns it. Errors are told to
  // every namespace.
  function enter(socket, name) {
    var nsp = socket.socket.of(name);
    nsp.on('error', function () {});
    return nsp;
  }

  // shut ends a connection for good, in whatever state it is.
  function shut(socket) {
    var session = socket.socket;
    session.options.reconnect = false;
    session.reconnecting = false;
    clearTimeout(session.reconnectionTimer);
    clearTimeout(session.connectTimeoutTimer);
    try {
      session.disconnect();
      if (session.transport) session.transport.clearTimeouts();
    } catch (e) {
      // Releases differ in what they mind here: one that never opened has no
      // transport.
    }
  }

  // once calls back the first time only. The emitters of the releases differ.
  function once(emitter, event, fn) {
    var done = false;
    emitter.on(event, function () {
      if (done) return;
      done = true;
      fn.apply(this, arguments);
    });
  }

  // transport is the name of what a connection uses now.
  function transport(socket) {
    return socket.socket.transport && socket.socket.transport.name;
  }

  // move goes on with another transport in the same session, by the client's own
  // steps when a transport has failed it, and leaves the old one open as it does.
  function move(socket, name) {
    var session = socket.socket;
    session.transport.clearTimeouts();
    session.transport = session.getTransport([name]);
    session.transport.ready(session, function () { session.transport.open(); });
  }

  return { connect: connect, enter: enter, shut: shut, once: once, transport: transport, move: move };
});
