// XMLHttpRequest of 2010 in node, by HTTP/1.1, with what Firefox had of its own:
// a multipart answer is shown part after part, each like a document.
'use strict';

var http = require('http');

// One connection is used for many requests, as by browsers.
var agent = new http.Agent({ keepAlive: true, maxSockets: 6 });

function XMLHttpRequest() {
  this.readyState = 0;
  this.status = 0;
  this.responseText = '';
  this.withCredentials = false;
  this.onreadystatechange = null;
  this.onload = null;
  this.headers = {};
}

XMLHttpRequest.prototype.multipart = false;

XMLHttpRequest.prototype.open = function (method, url) {
  this.method = method;
  this.url = url;
  this.turn(1);
};

XMLHttpRequest.prototype.setRequestHeader = function (name, value) { this.headers[name] = value; };

XMLHttpRequest.prototype.turn = function (state) {
  this.readyState = state;
  if (this.onreadystatechange) this.onreadystatechange();
};

XMLHttpRequest.prototype.send = function (data) {
  var self = this;
  // The URL goes out as it is: a second slash has a meaning.
  var place = /^http:\/\/([^:\/]+):(\d+)(\/.*)$/.exec(this.url);
  var headers = this.headers;
  headers['User-Agent'] = global.navigator.userAgent;
  if (global.document.cookie) headers.Cookie = global.document.cookie;
  var body = data ? Buffer.from(data) : null;
  if (body) headers['Content-Length'] = body.length;
  var req = this.req = http.request({ host: place[1], port: place[2], path: place[3], method: this.method, headers: headers, agent: agent });
  req.on('error', function () { self.fail(); });
  req.on('response', function (res) {
    self.status = res.statusCode;
    res.setEncoding('utf8');
    var boundary = /^multipart\/x-mixed-replace;boundary="?([^"]+)"?$/.exec(res.headers['content-type'] || '');
    var take = self.multipart && boundary ? parts('--' + boundary[1] + '\n', function (part) { self.show(part); }) : function (text) { self.responseText += text; };
    res.on('data', function (text) { if (!self.over) take(text); });
    res.on('error', function () { self.fail(); });
    res.on('aborted', function () { self.fail(); });
    res.on('end', function () {
      if (self.over || !res.complete) return self.fail();
      self.over = true;
      if (self.multipart) return;
      self.turn(4);
      if (self.onload) self.onload();
    });
  });
  req.end(body);
};

// show fires for one part what a request fires for its whole answer.
XMLHttpRequest.prototype.show = function (part) {
  this.responseText = part;
  this.turn(3);
  if (!this.over) this.turn(4);
};

XMLHttpRequest.prototype.fail = function () {
  if (this.over) return;
  this.over = true;
  this.status = 0;
  this.responseText = '';
  this.turn(4);
};

XMLHttpRequest.prototype.abort = function () {
  this.over = true;
  if (this.req) this.req.destroy();
};

// parts returns a function that takes a multipart text in pieces, and gives the
// text of each part on as soon as the boundary behind it is there.
function parts(boundary, give) {
  var text = '', begun = false;
  return function (more) {
    text += more;
    for (;;) {
      var mark = begun ? '\n' + boundary : boundary;
      var at = text.indexOf(mark);
      if (at < 0) return;
      var part = text.slice(0, at);
      text = text.slice(at + mark.length);
      if (begun) give(part.slice(part.indexOf('\n\n') + 2));
      else if (part !== '') throw new Error('text before the first boundary');
      begun = true;
    }
  };
}

module.exports = XMLHttpRequest;
