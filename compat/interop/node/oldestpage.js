// What the browsers of 2010 had besides, and the clients of 0.1 to 0.6 use, in
// the browser of today. It is loaded after oldpage.js and before the client.
(function () {
  'use strict';

  // Internet Explorer, without which nobody has an htmlfile.
  window.attachEvent = function (name, fn) { window.addEventListener(name.slice(2), fn); };

  // Firefox showed each part of an answer of several like a document of its own.
  var prototype = XMLHttpRequest.prototype, open = prototype.open, send = prototype.send, abort = prototype.abort;
  prototype.multipart = false;

  prototype.open = function (method, url) {
    this.url = url;
    return open.apply(this, arguments);
  };

  prototype.abort = function () {
    if (this.stop) this.stop.abort();
    else abort.call(this);
  };

  prototype.send = function (data) {
    if (!this.multipart) return send.call(this, data);
    var self = this, decoder = new TextDecoder();
    function show(part) {
      [3, 4].forEach(function (state) {
        Object.defineProperty(self, 'readyState', { value: state, configurable: true });
        Object.defineProperty(self, 'responseText', { value: part, configurable: true });
        if (self.onreadystatechange) self.onreadystatechange();
      });
    }
    this.stop = new AbortController();
    fetch(this.url, { signal: this.stop.signal }).then(function (res) {
      var boundary = /^multipart\/x-mixed-replace;boundary="([^"]+)"$/.exec(res.headers.get('content-type'));
      var mark = '--' + boundary[1] + '\n', text = '', begun = false, from = res.body.getReader();
      (function next() {
        from.read().then(function (piece) {
          if (piece.done) return;
          text += decoder.decode(piece.value, { stream: true });
          for (var at; (at = text.indexOf(begun ? '\n' + mark : mark)) >= 0; begun = true) {
            var part = text.slice(0, at);
            text = text.slice(at + mark.length + (begun ? 1 : 0));
            if (begun) show(part.slice(part.indexOf('\n\n') + 2));
          }
          next();
        }, function () { show(''); });
      })();
    }, function () { show(''); });
  };
})();
