// Runs one client release in a page. The query's tasks are a JSON list of what
// driver.js takes one of; they are done in turn, and each ends with the report
// "done". Results are posted to the server the page comes from.
(function () {
  'use strict';

  var client = window.interopClient;
  var tasks = JSON.parse(new URLSearchParams(location.search).get('tasks'));

  function send(method, path, body) {
    var xhr = new XMLHttpRequest();
    xhr.open(method, path);
    if (body) xhr.setRequestHeader('Content-Type', 'application/json');
    xhr.send(body);
    return xhr;
  }

  // Reports go out one after another, so that they arrive in order.
  var queue = [];
  function post(tag, result) {
    queue.push({ path: '/report?tag=' + encodeURIComponent(tag), body: JSON.stringify(result) });
    if (queue.length === 1) flush();
  }
  function flush() {
    send('POST', queue[0].path, queue[0].body).onloadend = function () {
      queue.shift();
      if (queue.length) flush();
    };
  }

  function environment(task) {
    return {
      io: window.io, url: task.url, tag: task.tag, mode: task.mode, generation: task.generation,
      binary: function (bytes) { return new Uint8Array(bytes).buffer; },
      control: function (verb, tag) { send('GET', '/control/' + verb + '?tag=' + encodeURIComponent(tag)); }
    };
  }

  function work(task, next) {
    var env = environment(task);
    function report(result) { post(task.tag, result); }
    function done() {
      report({ check: 'done', ok: true, detail: '' });
      next();
    }
    window.onerror = function (message, file, line) {
      report({ check: 'page', ok: false, detail: message + ' at ' + file + ':' + line });
    };
    if (task.program === 'join') window.interopMember.join(env, task.room, report, done);
    else window.interopChecks.run(env, task.checks, report, done);
  }

  var script = document.createElement('script');
  script.src = '/bundles/' + tasks[0].release + '.js';
  script.onload = function () {
    client.inTurn(tasks.map(function (task) {
      return function (next) { work(task, next); };
    }), function () {});
  };
  document.head.appendChild(script);
})();
