// A page that watches a room by EventSource and reports what it gets, and in
// which a client of 0.6.3 says something to the room.
(function () {
  'use strict';

  var queue = [];
  function report(check, detail) {
    queue.push(JSON.stringify({ check: check, ok: true, detail: detail }));
    if (queue.length === 1) flush();
  }
  function flush() {
    var xhr = new XMLHttpRequest();
    xhr.open('POST', '/report?tag=mirror');
    xhr.onloadend = function () {
      queue.shift();
      if (queue.length) flush();
    };
    xhr.send(queue[0]);
  }

  var source = new EventSource('/watch?room=hall');
  source.onopen = function () { report('open', String(source.readyState)); };
  source.onerror = function () { report('error', String(source.readyState)); };
  source.onmessage = function (e) { report('event', e.data); };
  source.addEventListener('gap', function (e) { report('gap', e.data); });

  var old = new window.io.Socket(location.hostname, { port: location.port, transports: ['websocket'], rememberTransport: false });
  old.on('message', function (message) {
    if (message === 'speak') old.send({ name: 'say', args: ['from a page', { from: '0.6.3' }] });
  });
  old.connect();
})();
