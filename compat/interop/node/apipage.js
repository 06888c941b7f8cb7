// What a page sees of the server's API and a client in node does not: cookies, the
// compression of answers, and the client's own files. It tells the server, which
// judges it by what it is set to.
(function () {
  'use strict';

  var client = window.interopClient, checks = {};

  checks.cookies = function (t) {
    t.root(function (socket, manager) {
      // By the time that this is answered a poll has been made with the cookie.
      socket.emit('echo', 1, function () {
        socket.emit('cookies', manager.engine.id, document.cookie, function () { t.pass(); });
      });
    });
  };

  // large calls back with what the browser has noted of the one large answer.
  function large(next) {
    var all = performance.getEntriesByType('resource').filter(function (e) {
      return e.initiatorType === 'xmlhttprequest' && e.decodedBodySize > 60000;
    });
    if (all.length === 0) return setTimeout(function () { large(next); }, 10);
    performance.clearResourceTimings();
    next(all[0]);
  }

  checks.httpCompression = function (t) {
    t.root(function (socket) {
      client.inTurn(['long', 'plain'].map(function (how) {
        return function (next) {
          performance.clearResourceTimings();
          socket.once('text', function () {
            large(function (e) { socket.emit('size', how, e.encodedBodySize, e.decodedBodySize, next); });
          });
          socket.emit(how);
        };
      }), function () { t.pass(); });
    });
  };

  function get(url, next) {
    var xhr = new XMLHttpRequest();
    xhr.open('GET', url);
    xhr.onload = function () { next(xhr); };
    xhr.send();
  }

  // The page has its client from the server. The map is where both the script and
  // the header say, beside the script, and is one.
  checks['client files'] = function (t) {
    var script = document.querySelector('script[src*="/socket.io/"]').src;
    get(script, function (xhr) {
      if (!t.same('status', xhr.status, 200)) return;
      var map = new URL(/\/\/# sourceMappingURL=(\S+)\s*$/.exec(xhr.responseText)[1], script).href;
      if (!t.same('the map', new URL(xhr.getResponseHeader('SourceMap'), script).href, map)) return;
      get(map, function (xhr) {
        if (!t.same('status of the map', xhr.status, 200)) return;
        var m = JSON.parse(xhr.responseText);
        if (t.same('version', m.version, 3) && t.same('sources', m.sources.length > 0, true)) t.pass();
      });
    });
  };

  window.interopAPIPage = {
    run: function (env, names, report, done) { client.perform(checks, 120000, env, names, report, done); }
  };
})();
