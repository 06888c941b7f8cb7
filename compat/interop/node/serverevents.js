// What the transport server-events of 0.1 and 0.2 was to be, which no client of
// the time managed: a browser's own EventSource below, requests above, and JSON in
// envelopes. The page reports each message, and its tag is in its query.
(function () {
  'use strict';

  var tag = location.search.slice(1);
  var base = '/tagged/' + tag + '/socket.io/server-events';
  var sid, queue = [];

  function report(check, ok, detail) {
    queue.push(JSON.stringify({ check: check, ok: ok, detail: detail }));
    if (queue.length === 1) flush();
  }
  function post(path, body, next) {
    var xhr = new XMLHttpRequest();
    xhr.open('POST', path);
    xhr.onloadend = function () { next(xhr); };
    xhr.send(body);
  }
  function flush() {
    post('/report?tag=' + tag, queue[0], function () {
      queue.shift();
      if (queue.length) flush();
    });
  }

  var source = new EventSource(base);
  source.onerror = function () { report('lost', true, String(source.readyState)); };
  source.onmessage = function (e) {
    var payload = JSON.parse(e.data);
    if (!payload.messages) return;
    payload.messages.forEach(function (m) {
      if (sid) return report('message', true, JSON.stringify(m));
      sid = JSON.parse(m).sessionid;
      var messages = JSON.stringify([{ name: 'join', args: ['hall'] }, 'a text \u20ac']);
      post(base + '/' + sid + '/send', 'data=' + encodeURIComponent(messages), function (xhr) {
        report('posted', xhr.responseText === 'ok', xhr.status + ' ' + xhr.responseText);
      });
    });
  };
})();
