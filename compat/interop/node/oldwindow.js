// What the clients of 0.1 to 0.6 use of a browser's window, in node. There were
// no other clients then.
'use strict';

var fs = require('fs');
var vm = require('vm');

function ignore() {}

function element() {
  return { style: {}, appendChild: ignore, removeChild: ignore, setAttribute: ignore, getElementsByTagName: function () { return [element()]; } };
}

function define(name, value) {
  Object.defineProperty(global, name, { value: value, writable: true, configurable: true });
}

// load runs a client's script in a window at a URL and returns what the script
// makes global. The mode is that of messages.js.
exports.load = function (file, url, mode) {
  var place = new URL(url);
  var jar = {};
  var doc = {
    domain: place.hostname, location: { port: place.port, protocol: place.protocol }, readyState: 'complete',
    createElement: element, getElementById: ignore, getElementsByTagName: function () { return [element()]; }
  };
  Object.defineProperty(doc, 'cookie', {
    get: function () { return Object.keys(jar).map(function (k) { return k + '=' + jar[k]; }).join('; '); },
    set: function (line) {
      var pair = /^([^=]+)=([^;]*)/.exec(line);
      if (pair[2]) jar[pair[1]] = pair[2];
      else delete jar[pair[1]];
    }
  });
  var flash = mode === 'flashsocket';
  define('window', global);
  define('document', doc);
  define('location', doc.location);
  define('navigator', { userAgent: 'Mozilla/5.0 (Gecko)', platform: '', plugins: {} });
  define('addEventListener', ignore);
  define('XMLHttpRequest', require('./oldrequest'));
  // Until 0.2.4 Flash spoke the older draft.
  var older = mode === 'hixie-75' || flash && /-0\.2\./.test(file);
  define('WebSocket', require('./oldsocket').build(older ? 75 : 76, flash));
  vm.runInThisContext(fs.readFileSync(file, 'utf8'), { filename: file });
  if (flash) {
    // The bridge to Flash has loaded, and is there at once.
    global.navigator.plugins['Shockwave Flash'] = { description: 'Shockwave Flash 10.1' };
    global.WebSocket.__addTask = function (task) { task(); };
    global.swfobject = { hasFlashPlayerVersion: function () { return true; } };
    if (/^0\.[25]\./.test(global.io.version)) global.io.setPath('/');
  }
  return global.io;
};

// cut breaks the connection by which a client hears: it gets nothing more, and when
// the server has noticed and closed its half, the client notices and next is
// called.
exports.cut = function (transport, next) {
  var request = transport.xhr || transport._xhr;
  function end(socket) {
    socket.once('close', function () {
      if (request) {
        request.over = false;
        request.fail();
      }
      setTimeout(next, 0);
    });
    socket.end();
  }
  if (!request) return end(transport.socket.socket);
  request.over = true; // an empty answer may still come
  if (request.req.socket) end(request.req.socket);
  else request.req.once('socket', end);
};
