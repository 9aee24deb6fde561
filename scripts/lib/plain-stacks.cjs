/**
 * With TEST_PLAIN_STACKS, traces of errors name the lines of the compiled files: to look up those of the sources takes a fifth of what the
 * tests ask of the processor, since streams that are destroyed have their trace made. Read after tsx, which turns the maps on.
 */
if (process.env.TEST_PLAIN_STACKS) process.setSourceMapsEnabled(false);
