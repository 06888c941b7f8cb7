// The contract's events on a genuine server, to try the checks themselves:
//   node reference.js 2.5.1 3000
'use strict';

process.EventEmitter = require('events').EventEmitter;

if (/^4\./.test(process.argv[2])) require('./newnode');

var http = require('http');
var server = http.createServer(function (req, res) { res.end(); });
var io = require('sio-server-' + process.argv[2])(server, {
  maxHttpBufferSize: 1e8,
  pingInterval: Number(process.env.PING_INTERVAL || 25000),
  pingTimeout: Number(process.env.PING_TIMEOUT || 20000)
});

['/', '/chat'].forEach(function (name) {
  var nsp = io.of(name);
  nsp.on('connection', function (s) {
    s.on('echo', function (data, ack) { if (ack) ack(data); else s.emit('echo', data); });
    s.on('ask', function (x) { s.emit('question', x, function (v) { s.emit('answered', v); }); });
    s.on('count', function (n) { for (var i = 0; i < n; i++) s.emit('seq', i); });
    s.on('message', function (m) { s.send(m); });
    s.on('where', function (x, ack) { ack(name); });
    s.on('join', function (room, ack) {
      function joined() { if (ack) ack(room); else s.emit('joined', room); }
      if (s.join.length > 1) return s.join(room, joined);
      s.join(room); // since 3.0
      joined();
    });
    s.on('leave', function (room) { s.leave(room); });
    s.on('pub', function (room, data) { nsp.to(room).emit('msg', data); });
    s.on('others', function (room, data) { s.to(room).emit('msg', data); });
    s.on('bin', function (b, ack) { ack(b); });
    s.on('blob', function (v, ack) { s.emit('blob', v); ack({ data: v.data }); });
    s.on('bye', function () { s.disconnect(true); });
  });
});
io.of('/refuse').use(function (s, next) { next(new Error('no entry')); });

// What the suite asks for beyond the contract, of clients since 3.0.
io.of('/').use(function (s, next) {
  next(s.handshake.query.refuse === 'root' ? new Error('not in here') : undefined);
});
io.of('/').on('connection', function (s) {
  var tries = {};
  s.on('stubborn', function (name, n, ack) {
    tries[name] = (tries[name] || 0) + 1;
    if (tries[name] === n) ack(tries[name]);
  });
});
io.of('/auth').use(function (s, next) {
  var auth = s.handshake.auth || {};
  if (auth.token === 's\u00e9same') return next();
  var e = new Error('not authorized');
  e.data = { code: 'E42', given: auth.token };
  next(e);
});
io.of('/auth').on('connection', function (s) { s.emit('auth', s.handshake.auth); });

server.listen(Number(process.argv[3] || 0), '127.0.0.1', function () {
  console.log('listening on 127.0.0.1:' + server.address().port);
});
