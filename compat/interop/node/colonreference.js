// The contract's events on a genuine server of 0.9, to try the checks
// themselves:
//   node colonreference.js 0.9.19 3000
'use strict';

require('./oldnode');

var http = require('http');
var server = http.createServer(function (req, res) { res.end(); });
// Node gives the sockets of its server a setEncoding that throws.
server.on('upgrade', function (req, socket) { delete socket.setEncoding; });
var io = require('sio-server-' + process.argv[2]).listen(server);

io.set('log level', 0);
io.set('transports', ['websocket', 'htmlfile', 'xhr-polling', 'jsonp-polling']);
if (process.env.PING_INTERVAL) {
  io.set('heartbeat interval', process.env.PING_INTERVAL / 1000);
  io.set('heartbeat timeout', process.env.PING_TIMEOUT / 1000);
}

['', '/chat'].forEach(function (name) {
  var nsp = io.of(name);
  nsp.on('connection', function (s) {
    s.on('echo', function (data, ack) { if (ack) ack(data); else s.emit('echo', data); });
    s.on('ask', function (x) { s.emit('question', x, function (v) { s.emit('answered', v); }); });
    s.on('count', function (n) { for (var i = 0; i < n; i++) s.emit('seq', i); });
    s.on('message', function (m) { if (typeof m === 'string') s.send(m); else s.json.send(m); });
    s.on('where', function (x, ack) { ack(name || '/'); });
    s.on('join', function (room, ack) {
      s.join(room);
      if (ack) ack(room);
      else s.emit('joined', room);
    });
    s.on('leave', function (room) { s.leave(room); });
    s.on('pub', function (room, data) { nsp['in'](room).emit('msg', data); });
    s.on('others', function (room, data) { s.broadcast.to(room).emit('msg', data); });
    s.on('blob', function (v, ack) { s.emit('blob', v); ack({ data: v.data }); });
    s.on('bye', function () { io.sockets.socket(s.id).disconnect(); });
  });
});
io.of('/refuse').authorization(function (data, next) { next(null, false); });

// JSONP posts of 0.7 throw in the middle of the server.
process.on('uncaughtException', function () {});

server.listen(Number(process.argv[3] || 0), '127.0.0.1', function () {
  console.log('listening on 127.0.0.1:' + server.address().port);
});
