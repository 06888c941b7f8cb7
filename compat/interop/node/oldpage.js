// What the browsers of 2011 had and some transports of 0.7 to 0.9 need, in the
// browser of today. It is loaded before the client.
(function () {
  'use strict';

  // The document outside of any window in which Internet Explorer could load a
  // page without showing that it did. Here it is that of a hidden frame.
  window.CollectGarbage = function () {};
  window.ActiveXObject = function (name) {
    if (name !== 'htmlfile') throw new Error('no such object');
    var frame = document.createElement('iframe');
    frame.style.display = 'none';
    document.body.appendChild(frame);
    var doc = frame.contentDocument;
    Object.defineProperty(doc, 'parentWindow', { value: frame.contentWindow });
    return doc;
  };

  // repeatPolls makes a client ask again when the script by which it polls did not
  // come, which no release does by itself.
  window.repeatPolls = function (io) {
    var prototype = io.Transport['jsonp-polling'].prototype, get = prototype.get;
    prototype.get = function () {
      var self = this;
      get.call(this);
      this.script.onerror = function () { self.get(); };
    };
  };

  // takeXDR makes the client talk to another host the way of Internet Explorer
  // 8 and 9, whose requests to others show no status and no part of an answer
  // that has broken off.
  window.takeXDR = function (io) {
    io.util.ua.hasCORS = false;
    window.XDomainRequest = function () {
      var self = this, xhr = new XMLHttpRequest();
      this.responseText = '';
      this.onload = this.onerror = this.ontimeout = this.onprogress = function () {};
      this.open = function (method, url) { xhr.open(method, url); };
      this.send = function (data) { xhr.send(data); };
      this.abort = function () { xhr.onload = xhr.onerror = null; xhr.abort(); };
      xhr.onload = function () {
        self.responseText = xhr.responseText;
        self.onload.call(self);
      };
      xhr.onerror = function () { self.onerror.call(self); };
    };
  };
})();
