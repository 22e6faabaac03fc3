/** A steady beat for the composed picture: a page's own timers sleep while it is hidden, a worker's do not. */
setInterval(() => postMessage(null), 1000 / 30);
