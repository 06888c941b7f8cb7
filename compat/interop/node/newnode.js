// Keeps releases since 3.0 from the native helpers of websockets that the oldest
// releases bring along: the libraries of both look for them by the same name, and
// their API has changed in between.
'use strict';

var Module = require('module');
var resolve = Module._resolveFilename;

Module._resolveFilename = function (name) {
  if (name === 'bufferutil' || name === 'utf-8-validate') {
    var e = new Error('left out: ' + name);
    e.code = 'MODULE_NOT_FOUND';
    throw e;
  }
  return resolve.apply(this, arguments);
};
