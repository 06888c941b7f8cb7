// WebSocket of 2010 in node, by the drafts hixie-75 and hixie-76, with the checks
// of an answer that browsers made.
'use strict';

var crypto = require('crypto');
var net = require('net');

function pick(n) { return Math.floor(Math.random() * n); }

// key returns a key of hixie-76 and the number that is hidden in it.
function key() {
  var spaces = 1 + pick(12);
  var number = pick(Math.floor(4294967295 / spaces));
  var text = String(number * spaces);
  function put(c, from, to) {
    var at = from + pick(to - from + 1);
    text = text.slice(0, at) + c + text.slice(at);
  }
  for (var i = pick(12); i >= 0; i--) {
    var c = pick(84);
    put(String.fromCharCode(c < 15 ? 0x21 + c : 0x3a + c - 15), 0, text.length);
  }
  for (i = 0; i < spaces; i++) put(' ', 1, text.length - 1);
  var hidden = Buffer.alloc(4);
  hidden.writeUInt32BE(number);
  return { text: text, number: hidden };
}

// build returns the class of a window: a draft, 75 or 76, and whether it is that of
// Flash, whose requests have other headers.
exports.build = function (draft, flash) {
  function WebSocket(url) {
    var self = this;
    this.readyState = 0;
    this.seen = Buffer.alloc(0);
    this.url = url;
    var place = /^ws:\/\/([^:\/]+):(\d+)(\/.*)$/.exec(url);
    var socket = this.socket = net.connect(Number(place[2]), place[1]);
    var origin = 'http://' + global.document.domain + ':' + global.document.location.port;
    var lines = ['GET ' + place[3] + ' HTTP/1.1', 'Upgrade: WebSocket', 'Connection: Upgrade', 'Host: ' + place[1] + ':' + place[2], 'Origin: ' + origin];
    if (flash || global.document.cookie) lines.push('Cookie: ' + global.document.cookie);
    var nonce = Buffer.alloc(0);
    if (draft === 76) {
      var first = key(), second = key();
      lines.push('Sec-WebSocket-Key1: ' + first.text, 'Sec-WebSocket-Key2: ' + second.text);
      nonce = crypto.randomBytes(8);
      this.digest = crypto.createHash('md5').update(Buffer.concat([first.number, second.number, nonce])).digest();
    }
    this.origin = origin;
    socket.setNoDelay(true);
    socket.write(Buffer.concat([Buffer.from(lines.join('\r\n') + '\r\n\r\n', 'latin1'), nonce]));
    socket.on('data', function (data) {
      self.seen = Buffer.concat([self.seen, data]);
      if (self.readyState === 0) self.shake();
      if (self.readyState === 1) self.read();
    });
    socket.on('error', function () {});
    socket.on('end', function () { socket.destroy(); });
    socket.on('close', function () { self.gone(); });
  }

  // shake takes the server's answer, if all of it is there.
  WebSocket.prototype.shake = function () {
    var end = this.seen.indexOf('\r\n\r\n');
    var size = end + 4 + (draft === 76 ? 16 : 0);
    if (end < 0 || this.seen.length < size) return;
    var lines = this.seen.toString('latin1', 0, end).split('\r\n');
    var prefix = draft === 76 ? 'Sec-WebSocket-' : 'WebSocket-';
    // The test's server moves the tag into the query before anything else sees it.
    var url = this.url.replace(/\/tagged\/(.*)\/socket\.io\/(.*)/, '/socket.io/$2?case=$1');
    // Flash of the time looked the names up by their spelling.
    var wanted = ['Upgrade: WebSocket', 'Connection: Upgrade', prefix + 'Origin: ' + this.origin, prefix + 'Location: ' + url];
    var ok = /^HTTP\/1\.1 101 /.test(lines[0]) && wanted.every(function (line) { return lines.indexOf(line) > 0; });
    if (draft === 76 && !this.seen.slice(end + 4, size).equals(this.digest)) ok = false;
    if (!ok) {
      console.error('the handshake is refused: ' + lines.join(' | '));
      return this.socket.destroy();
    }
    this.seen = this.seen.slice(size);
    this.readyState = 1;
    if (this.onopen) this.onopen({});
  };

  WebSocket.prototype.read = function () {
    while (this.seen.length && this.readyState === 1) {
      if (this.seen[0] !== 0) return this.socket.destroy(); // the end, in hixie-76
      var end = this.seen.indexOf(0xff);
      if (end < 0) return;
      var text = this.seen.toString('utf8', 1, end);
      this.seen = this.seen.slice(end + 1);
      if (this.onmessage) this.onmessage({ data: text });
    }
  };

  WebSocket.prototype.send = function (data) {
    // Clients of 0.6 look for the word: native code.
    if (this.readyState !== 1) return false;
    return this.socket.write(Buffer.concat([Buffer.from([0]), Buffer.from(String(data)), Buffer.from([0xff])]));
  };

  WebSocket.prototype.close = function () {
    if (this.readyState > 1) return;
    this.readyState = 2;
    this.socket.end(draft === 76 ? Buffer.from([0xff, 0]) : undefined);
  };

  WebSocket.prototype.gone = function () {
    if (this.readyState === 3) return;
    this.readyState = 3;
    if (this.onclose) this.onclose({});
  };

  return WebSocket;
};
