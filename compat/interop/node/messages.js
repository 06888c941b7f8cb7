// How a genuine client of 0.1 to 0.6 is opened in one transport mode, and how
// events are written as its messages. It runs in node and in a page.
(function (root, factory) {
  if (typeof module === 'object' && module.exports) module.exports = factory(require('./client'));
  else root.interopMessages = factory(root.interopClient);
})(this, function (client) {
  'use strict';

  // The transports of the modes that are not called after theirs.
  var modes = { 'hixie-75': 'websocket' };

  function transportOf(mode) { return modes[mode] || mode; }

  // carrier is the name by which a client asks for the transport of a mode. Until
  // 0.2.4 Flash had none of its own.
  function carrier(env) {
    return env.mode === 'flashsocket' && isFirst(env) ? 'websocket' : transportOf(env.mode);
  }

  // isFirst tells the clients of servers 0.1 to 0.4, whose messages are any JSON.
  function isFirst(env) { return /^0\.[12]\./.test(env.release); }

  // isPlain tells the clients that know texts only.
  function isPlain(env) { return /^0\.5\./.test(env.release); }

  // polls tells transports that answer requests, from streams.
  function polls(env) { return /-polling$/.test(env.mode); }

  // posts tells transports on which the client sends by requests.
  function posts(env) { return polls(env) || env.mode === 'xhr-multipart' || env.mode === 'htmlfile'; }

  // Talk is one client, which has not connected yet. The test's server takes the
  // tag out of the path.
  function Talk(env, tag, extra) {
    var self = this;
    var place = /^http(s?):\/\/([^:\/]+):(\d+)/.exec(env.url);
    var opts = {
      secure: place[1] === 's', port: Number(place[3]), resource: 'tagged/' + tag + '/socket.io', transports: [transportOf(env.mode)],
      rememberTransport: false, reconnect: false
    };
    this.env = env;
    this.heard = {};
    var socket = this.socket = new env.io.Socket(place[2], client.merge(opts, extra));
    if (isFirst(env)) {
      // All sockets of a page share these there.
      socket.$events = {};
      socket.options = client.merge({}, socket.options);
    }
    if (env.mode === 'jsonp-polling') {
      // It puts its scripts before the first one of the page, which may be that of
      // another client and be taken away.
      socket.transport.insertAt = document.scripts[document.scripts.length - 1];
    }
    this.on = function (event, fn) {
      if (event === 'connect' || event === 'disconnect' || event === 'reconnect') listen(event, fn);
      else (self.heard[event] = self.heard[event] || []).push(fn);
    };
    function listen(event, fn) { socket[isFirst(env) ? 'addEvent' : 'on'](event, fn); }
    listen('message', function (m) {
      if (isPlain(env) && m.slice(0, 3) === '~j~') m = JSON.parse(m.slice(3));
      var isEvent = m && typeof m === 'object' && typeof m.name === 'string' && m.args instanceof Array;
      var fns = self.heard[isEvent ? m.name : 'message'] || [];
      fns.slice().forEach(function (fn) { fn.apply(null, isEvent ? m.args : [m]); });
    });
  }

  Talk.prototype.connect = function () { this.socket.connect(); return this; };

  // send sends a text, or whatever else the client can.
  Talk.prototype.send = function (m) {
    if (isPlain(this.env) && typeof m === 'object') m = '~j~' + JSON.stringify(m);
    this.socket.send(m);
  };

  Talk.prototype.emit = function (name) {
    this.send({ name: name, args: Array.prototype.slice.call(arguments, 1) });
  };

  // once calls back the first time only.
  Talk.prototype.once = function (event, fn) {
    var done = false;
    this.on(event, function () {
      if (done) return;
      done = true;
      fn.apply(null, arguments);
    });
  };

  // ask emits an event and calls back with the answer, which is an event of
  // the same name unless another is given.
  Talk.prototype.ask = function (event, value, next, answer) {
    this.once(answer || event, next);
    this.emit(event, value);
  };

  Talk.prototype.transport = function () { return this.socket.transport.type; };

  // leave has the connection break, and calls back with what comes back to the
  // session: what a page had to do by itself. Until 0.5.3 the client keeps the id;
  // since 0.6 it forgets it, and a page has to keep it.
  Talk.prototype.leave = function (next) {
    var transport = this.socket.transport, sid = transport.sessionid;
    this.env.cut(transport, function () {
      next(function () {
        transport.sessionid = sid;
        transport.connect();
        if (transport.onConnect) transport.onConnect();
        else transport.connected = true;
      });
    });
  };

  // shut ends a client in whatever state it is, later: who polls would ask for a
  // new session if it were ended by what a message brings about. Until 0.5.3 the
  // end of requests throws when it has been done.
  Talk.prototype.shut = function () {
    var self = this;
    setTimeout(function () { self.shutNow(); }, 0);
  };

  Talk.prototype.shutNow = function () {
    var socket = this.socket;
    socket.options.reconnect = false;
    socket.reconnecting = false;
    clearTimeout(socket.reconnectionTimer || socket._reconnectionTimer);
    clearTimeout(socket.connectTimeoutTimer || socket._connectTimeout);
    try {
      socket.disconnect();
    } catch (e) {
      if (!/_onClose/.test(e.message)) throw e;
    }
    // A script that has been asked for still runs, and would ask for another one.
    if (this.env.mode === 'jsonp-polling') socket.transport.get = function () {};
    if (socket.transport) clearTimeout(socket.transport.timeout || socket.transport._timeout);
  };

  return { Talk: Talk, carrier: carrier, isFirst: isFirst, isPlain: isPlain, polls: polls, posts: posts };
});
