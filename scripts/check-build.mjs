#!/usr/bin/env node
// Prints how large a build is and the policy to serve it with (see docs/HOSTING.md), and fails when the wasm, which
// every visitor downloads first, has grown past the limit.
//
//   scripts/check-build.mjs DIRECTORY
import { readdirSync, readFileSync } from 'node:fs'
import { extname, join } from 'node:path'
import { brotliCompressSync } from 'node:zlib'
import { contentSecurityPolicy } from './serve.mjs'

const WASM_BROTLI_LIMIT_KB = 640

const dir = process.argv[2]
const kb = (bytes) => `${(bytes / 1000).toFixed(1)} KB`
let wasm = 0
for (const name of readdirSync(dir).filter((name) => ['.wasm', '.js', '.css', '.html'].includes(extname(name)))) {
  const bytes = readFileSync(join(dir, name))
  const packed = brotliCompressSync(bytes).length
  if (extname(name) === '.wasm') wasm += packed
  console.log(`${name}: ${kb(bytes.length)}, ${kb(packed)} as brotli`)
}
console.log(`Content-Security-Policy: ${contentSecurityPolicy(readFileSync(join(dir, 'index.html'), 'utf8'))}`)
if (wasm === 0 || wasm > WASM_BROTLI_LIMIT_KB * 1000) {
  console.error(wasm ? `The wasm is ${kb(wasm)} as brotli; the limit is ${WASM_BROTLI_LIMIT_KB} KB.` : `No wasm in ${dir}.`)
  process.exit(1)
}
