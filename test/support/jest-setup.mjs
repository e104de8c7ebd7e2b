// Evaluate the ESM Nest packages before any CJS package require()s them: Jest refuses require(esm) of a module
// that is still linking ("Cannot require() ES Module ... in a cycle").
import 'reflect-metadata';
import '@nestjs/common';
import '@nestjs/core';
import '@nestjs/bullmq';
