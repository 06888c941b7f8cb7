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
      io: window.io, release: task.release, url: task.url, tag: task.tag, mode: task.mode, generation: task.generation,
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
    var programs = {
      event: { checks: window.interopChecks, member: window.interopMember },
      colon: { checks: window.interopColonChecks, member: window.interopColonMember },
      message: { checks: window.interopMessageChecks, member: window.interopMessageMember }
    }[task.era];
    if (task.mode === 'cross-domain') {
      window.takeXDR(env.io);
      env.url = env.url.replace('127.0.0.1', 'localhost');
    }
    if (task.mode === 'script-again') window.repeatPolls(env.io);
    if (task.program === 'join') programs.member.join(env, task.room, report, done);
    else if (task.program === 'returning') window.interopReturning.run(env, report, done);
    else if (task.program === 'apipage') window.interopAPIPage.run(env, task.checks, report, done);
    else programs.checks.run(env, task.checks, report, done);
  }

  function load(path, next) {
    var script = document.createElement('script');
    script.src = path;
    script.onload = next;
    document.head.appendChild(script);
  }

  var scripts = [tasks[0].script || '/bundles/' + tasks[0].release + '.js'];
  if (tasks[0].era === 'colon') scripts.unshift('oldpage.js');
  if (tasks[0].era === 'message') scripts.unshift('oldpage.js', 'oldestpage.js');
  client.inTurn(scripts.map(function (path) {
    return function (next) { load(path, next); };
  }), function () {
    client.inTurn(tasks.map(function (task) {
      return function (next) { work(task, next); };
    }), function () {});
  });
})();
