// Runs an unconverted TensorFlow.js graph model over prepared inputs and writes its raw outputs.
// node original.mjs MODEL.json INPUT.bin float32|int32 1,3,416,416 OUTPUT,NAMES OUTPUT_FOLDER
// INPUT.bin holds any number of inputs of that shape; each output goes to OUTPUT_FOLDER/<index>.bin.

import fs from 'node:fs';
import path from 'node:path';
import { createRequire } from 'node:module';

const require = createRequire(path.join(process.cwd(), 'package.json'));
const tf = require('@tensorflow/tfjs');
const wasm = require('@tensorflow/tfjs-backend-wasm');

const [modelPath, inputPath, dtype, shapeText, outputNames, folder] = process.argv.slice(2);
const shape = shapeText.split(',').map(Number);
const outputs = outputNames.split(',');

const assets = path.dirname(require.resolve('@tensorflow/tfjs-backend-wasm/package.json'));
wasm.setWasmPaths(path.join(assets, 'wasm-out') + path.sep);
await tf.setBackend('wasm');
await tf.ready();

function artifacts() {
  const description = JSON.parse(fs.readFileSync(modelPath, 'utf8'));
  const weightSpecs = description.weightsManifest.flatMap((group) => group.weights);
  const files = description.weightsManifest.flatMap((group) => group.paths);
  const bytes = Buffer.concat(files.map((name) => fs.readFileSync(path.join(path.dirname(modelPath), name))));
  const weightData = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
  return { modelTopology: description.modelTopology, signature: description.signature, weightSpecs, weightData };
}

console.warn = () => {}; // tfjs repeats one hint for every run
const model = await tf.loadGraphModel({ load: async () => artifacts() });
const count = shape.reduce((a, b) => a * b, 1);
const handle = fs.openSync(inputPath, 'r');
const total = fs.fstatSync(handle).size / (count * 4);
const sinks = outputs.map((_, i) => fs.openSync(path.join(folder, `${i}.bin`), 'w'));
const times = [];
for (let i = 0; i < total; i++) {
  const bytes = Buffer.alloc(count * 4);
  fs.readSync(handle, bytes, 0, bytes.length, i * bytes.length);
  const View = dtype === 'int32' ? Int32Array : Float32Array;
  const input = tf.tensor(new View(bytes.buffer, bytes.byteOffset, count), shape, dtype);
  const start = performance.now();
  const made = await model.executeAsync(input, outputs);
  const tensors = Array.isArray(made) ? made : [made];
  for (let k = 0; k < tensors.length; k++) {
    const values = await tensors[k].data();
    fs.writeSync(sinks[k], Buffer.from(values.buffer, values.byteOffset, values.byteLength));
    tensors[k].dispose();
  }
  times.push(performance.now() - start);
  input.dispose();
}
times.sort((a, b) => a - b);
const backend = tf.getBackend();
console.log(JSON.stringify({ images: total, backend, tfjs: tf.version_core, median_ms: times[times.length >> 1] }));
