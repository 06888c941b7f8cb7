// The contract's events on a genuine server, to try the checks themselves:
//   node reference.js 2.5.1 3000
'use strict';

process.EventEmitter = require('events').EventEmitter;

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
      s.join(room, function () { if (ack) ack(room); else s.emit('joined', room); });
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

server.listen(Number(process.argv[3] || 0), '127.0.0.1', function () {
  console.log('listening on 127.0.0.1:' + server.address().port);
});
