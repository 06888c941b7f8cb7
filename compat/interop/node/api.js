// A client that joins namespaces and then does what the server tells it: the
// program behind the tests of the server's API. It reports everything it gets, in
// order, and never ends.
(function (root, factory) {
  if (typeof module === 'object' && module.exports) module.exports = factory(require('./client'), require('./colon'));
  else root.interopApi = factory(root.interopClient, root.interopColon);
})(this, function (client, colon) {
  'use strict';

  var events = ['one', 'two', 'three', 'bin', 'ask', 'end', '1'];

  // event opens a client since 1.0, and colon one of 0.7 to 0.9. Both return a
  // function that joins a namespace.
  var eras = {
    event: function (env) {
      var manager = client.open(env, env.tag);
      return function (name) { return manager.socket(name); };
    },
    colon: function (env) {
      var first = colon.connect(env, env.tag);
      return function (name) { return name === '/' ? first : colon.enter(first, name); };
    }
  };

  // run joins the namespaces of a list, separated by spaces, the first of which is
  // the default one. When all have let it in or refused it, it emits hello with an
  // acknowledgement, an event whose name is a number where its era has them, and
  // then ready.
  function run(env, era, list, report) {
    var names = list.split(' ');
    var open = eras[era](env);
    var left = names.length;
    var first;

    function say(check, detail) { report({ check: check, ok: true, detail: detail }); }

    function settled() {
      if (--left) return;
      first.emit('hello', env.release, { n: [2] }, function (answer) {
        say('answer', client.show(answer));
        if (era === 'event') first.emit(7, 'a number for a name');
        first.emit('ready');
      });
    }

    function enter(name) {
      var socket = open(name);
      var known = false;
      function settle(check, detail) {
        if (known) return;
        known = true;
        say(check, detail);
        settled();
      }
      socket.on('connect', function () { settle('connect', name); });
      ['error', 'connect_failed', 'connect_error'].forEach(function (e) {
        socket.on(e, function (why) {
          settle('refused', name + ' ' + client.show(why instanceof Error ? { message: why.message, data: why.data } : why));
        });
      });
      socket.on('disconnect', function () { say('disconnect', name); });
      events.forEach(function (event) {
        socket.on(event, function () {
          var args = Array.prototype.slice.call(arguments);
          var ack = typeof args[args.length - 1] === 'function' ? args.pop() : null;
          say(event, name + ' ' + client.show(args));
          // The first argument names the release that is to keep silent.
          if (ack && args[0] !== env.release) ack(env.release);
        });
      });
      return socket;
    }

    names.forEach(function (name, i) {
      var socket = enter(name);
      if (i === 0) first = socket;
    });
  }

  return { run: run };
});
