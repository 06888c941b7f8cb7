// What the node of 2011 had and the releases of 0.7 and 0.8 need, on the node of
// today. It is loaded before them.
'use strict';

var crypto = require('crypto');
var events = require('events');
var http = require('http');
var net = require('net');

process.EventEmitter = events.EventEmitter;

// Strings were bytes to a hash, and the signature of the hixie drafts is one
// over such strings.
var createHash = crypto.createHash;
crypto.createHash = function (name, options) {
  var hash = createHash(name, options);
  if (name !== 'md5') return hash;
  var update = hash.update;
  hash.update = function (data, encoding) {
    return update.call(hash, data, encoding || (typeof data === 'string' ? 'latin1' : undefined));
  };
  return hash;
};

// A request on a connection that the caller takes over when the server agrees
// to an upgrade. The body goes out behind the head, without a length, as the
// hixie drafts have it.
http.createClient = function (port, host) {
  var client = new events.EventEmitter();
  var socket = net.connect(Number(port), host);
  client.end = function () { socket.destroy(); };
  client.request = function (path, headers) {
    var head = 'GET ' + path + ' HTTP/1.1\r\n';
    Object.keys(headers).forEach(function (name) { head += name + ': ' + headers[name] + '\r\n'; });
    socket.write(head + '\r\n', 'latin1');
    return {
      write: function (data, encoding) { socket.write(data, encoding); },
      end: function () {}
    };
  };
  var seen = Buffer.alloc(0);
  function failed(e) { client.emit('error', e || new Error('the server closed the connection')); }
  function read(data) {
    seen = Buffer.concat([seen, data]);
    var end = seen.indexOf('\r\n\r\n');
    if (end < 0) return;
    socket.removeListener('data', read);
    socket.removeListener('error', failed);
    socket.removeListener('end', failed);
    var status = Number(seen.toString('latin1', 0, end).split(' ')[1]);
    if (status !== 101) return failed(new Error('the status is ' + status));
    client.emit('upgrade', { statusCode: status }, socket, seen.slice(end + 4));
  }
  socket.on('data', read);
  socket.on('error', failed);
  socket.on('end', failed);
  return client;
};
