// Genuine clients of one release, each driven from outside step by step: the
// argument is the release; commands come on standard input and reports go to
// standard output, one JSON object a line. Binary values are written as
// {"$bin": base64} both ways.
//
// Commands, of which all but connect are about a client that exists:
//   {id, op: "connect", url, nsp, on, opts}  a connection of its own; `on` are the
//                                            events to report. With opts.slow the
//                                            upgrade is begun and never completed,
//                                            and the report "upgradeError" says so
//   {id, op: "join", from, nsp, on, opts}    a namespace on the connection of another
//   {id, op: "emit", args, n}                with n, the answer is reported as it
//   {id, op: "send", args, n}                the same for the event "message"
//   {id, op: "answer", n, args}              to an event that was reported with n
//   {id, op: "leave"}                        the namespace
//   {id, op: "end"}                          the whole connection, without a word
//   {id, op: "close"}                        the connection, in whatever state it is
//   {id, op: "mute"}                         sends nothing any more
//   {id, op: "raw", args: [text]}            on the transport, as it is
//   {id, op: "stop"}                         polls no more after the poll under way
//   {id, op: "go"}                           polls again
//   {id, op: "look"}                         reports what the client knows of itself
//
// Reports: {id, event, args, n}, n being set if the event waits for an answer, and
// {id, event: "answer", n, args}.
'use strict';

process.EventEmitter = require('events').EventEmitter;
var release = process.argv[2];
if (/^[34]\./.test(release)) require('./newnode');
var io = require('sio-client-' + release);
var colon = /^0\./.test(release);

function report(r) { process.stdout.write(JSON.stringify(r, pack) + '\n'); }

// Buffer.prototype.toJSON has been at work before this is called.
function pack(key, value) {
  if (value && value.type === 'Buffer' && Array.isArray(value.data)) {
    return { $bin: Buffer.from(value.data).toString('base64') };
  }
  if (value instanceof Error) return value.message;
  return value;
}

function unpack(value) {
  if (Array.isArray(value)) return value.map(unpack);
  if (!value || typeof value !== 'object') return value;
  if (typeof value.$bin === 'string') return Buffer.from(value.$bin, 'base64');
  Object.keys(value).forEach(function (k) { value[k] = unpack(value[k]); });
  return value;
}

function copy(from) {
  var to = {};
  Object.keys(from || {}).forEach(function (k) { to[k] = from[k]; });
  return to;
}

// poller is the transport of a client that polls, with the name of the method that
// starts the next poll.
function poller(transport) {
  return { transport: transport, name: transport._poll ? '_poll' : transport.poll ? 'poll' : 'get' };
}

// slowUpgrade keeps a client from the packets by which it would upgrade.
function slowUpgrade(engine, id) {
  var create = engine.createTransport;
  engine.createTransport = function (name) {
    var transport = create.apply(engine, arguments);
    if (name === 'websocket') transport.send = function () {};
    return transport;
  };
  engine.on('upgradeError', function () { report({ id: id, event: 'upgradeError', args: [] }); });
}

if (colon) {
  var heartbeat = io.Transport.prototype.onHeartbeat;
  io.Transport.prototype.onHeartbeat = function () {
    this.socket.beats = (this.socket.beats || 0) + 1;
    return heartbeat.apply(this, arguments);
  };
}

// What differs between the releases before 1.0 and those since.
var era = colon ? {
  connect: function (url, nsp, opts) {
    var o = { 'force new connection': true, reconnect: false };
    io.transports = opts.transports || ['websocket'];
    if (opts.query) o.query = opts.query;
    if (opts.path) o.resource = opts.path.replace(/^\//, '');
    var socket = io.connect(url + nsp, o);
    // Errors are told to the session too, and node throws those that nobody
    // listens to.
    socket.socket.on('error', function () {});
    return socket;
  },
  join: function (from, nsp) { return from.socket.of(nsp); },
  leave: function (socket) { socket.disconnect(); },
  end: function (socket) { if (socket.socket.transport) socket.socket.transport.close(); },
  mute: function (socket) {
    var session = socket.socket;
    session.transport.websocket.send = function () {};
    clearTimeout(session.heartbeatTimeoutTimer);
    session.setHeartbeatTimeout = function () {};
  },
  transport: function (socket) { return socket.socket.transport; },
  write: function (transport, text) { transport.send(text); },
  look: function (socket) {
    return { id: socket.socket.sessionid, session: socket.socket.sessionid, transport: socket.socket.transport.name,
      heartbeat: socket.socket.heartbeatTimeout, close: socket.socket.closeTimeout, beats: socket.socket.beats };
  }
} : {
  connect: function (url, nsp, opts, id) {
    var o = copy(opts);
    o.forceNew = true;
    o.reconnection = false;
    if (!o.transports) o.transports = ['websocket'];
    var socket = io(url + nsp, o), engine = socket.io.engine;
    engine.beats = 0;
    // Since 3.0 the server asks, before that it answers.
    engine.on(/^[34]/.test(release) ? 'ping' : 'pong', function () { engine.beats++; });
    if (o.slow) slowUpgrade(engine, id);
    return socket;
  },
  join: function (from, nsp, opts) { return from.io.socket(nsp, opts); },
  leave: function (socket) { socket.disconnect(); },
  end: function (socket) { socket.io.engine.close(); },
  mute: function (socket) {
    var engine = socket.io.engine;
    engine.transport.send = function () {};
    // Nor does it miss the answers to what it does not send.
    clearTimeout(engine.pingIntervalTimer);
    clearTimeout(engine.pingTimeoutTimer);
    engine.ping = engine.onHeartbeat = function () {};
  },
  transport: function (socket) { return socket.io.engine.transport; },
  write: function (transport, text) {
    if (transport.ws) transport.ws.send(text);
    else transport.doWrite(text, function () {});
  },
  look: function (socket) {
    var engine = socket.io.engine, ws = engine.transport.ws;
    return { id: socket.id, session: engine.id, transport: engine.transport.name, upgrades: engine.upgrades || [],
      pingInterval: engine.pingInterval || engine._pingInterval,
      pingTimeout: engine.pingTimeout || engine._pingTimeout, beats: engine.beats,
      received: ws && ws._socket ? ws._socket.bytesRead : 0, extensions: !ws || !ws.extensions ? '' : typeof ws.extensions === 'string' ? ws.extensions : Object.keys(ws.extensions).join() };
  }
};

var sockets = {}, waiting = {}, serial = 0;

function watch(id, socket, events) {
  sockets[id] = socket;
  events.forEach(function (event) {
    socket.on(event, function () {
      var args = Array.prototype.slice.call(arguments), r = { id: id, event: event };
      if (typeof args[args.length - 1] === 'function') {
        r.n = ++serial;
        waiting[r.n] = args.pop();
      }
      r.args = args;
      report(r);
    });
  });
}

function withAnswer(c, args) {
  if (c.n) args.push(function () { report({ id: c.id, event: 'answer', n: c.n, args: Array.prototype.slice.call(arguments) }); });
  return args;
}

var ops = {
  connect: function (c) { watch(c.id, era.connect(c.url, c.nsp, c.opts || {}, c.id), c.on); },
  join: function (c) { watch(c.id, era.join(sockets[c.from], c.nsp, c.opts || {}), c.on); },
  emit: function (c) { var s = sockets[c.id]; s.emit.apply(s, withAnswer(c, unpack(c.args))); },
  send: function (c) { var s = sockets[c.id]; s.send.apply(s, withAnswer(c, unpack(c.args))); },
  answer: function (c) { waiting[c.n].apply(null, unpack(c.args)); },
  leave: function (c) { era.leave(sockets[c.id]); },
  end: function (c) { era.end(sockets[c.id]); },
  close: function (c) {
    try {
      if (colon) sockets[c.id].socket.disconnect();
      else sockets[c.id].io.close();
    } catch (e) {
      // One that has never opened has nothing to close.
    }
    delete sockets[c.id];
  },
  mute: function (c) { era.mute(sockets[c.id]); },
  raw: function (c) { era.write(era.transport(sockets[c.id]), c.args[0]); },
  stop: function (c) {
    var p = poller(era.transport(sockets[c.id]));
    p.transport[p.name] = function () { p.transport.late = true; };
  },
  go: function (c) {
    var p = poller(era.transport(sockets[c.id]));
    delete p.transport[p.name];
    if (p.transport.late) p.transport[p.name]();
  },
  look: function (c) { report({ id: c.id, event: 'look', args: [era.look(sockets[c.id])] }); }
};

process.on('uncaughtException', function (e) { report({ id: 0, event: 'fault', args: [String(e && e.stack || e)] }); });

require('readline').createInterface({ input: process.stdin })
  .on('line', function (line) {
    var c = JSON.parse(line);
    try {
      ops[c.op](c);
    } catch (e) {
      report({ id: c.id, event: 'fault', args: [String(e && e.stack || e)] });
    }
  })
  .on('close', function () { process.exit(0); });
