#!/usr/bin/env node
// Which crates the wasm is made of: bytes of code by the crate that a function's name begins with, largest first.
//
//   scripts/build --release && node tests/bench/wasm-crates.mjs
//
// Counted before wasm-bindgen and wasm-opt, which take the names away. Generic code counts for the crate that it was
// written in, so Yew's share is mostly components.
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const WASM = fileURLToPath(new URL('../../target/wasm32-unknown-unknown/release/muse-chat.wasm', import.meta.url))
const SHOWN = 20
const [CUSTOM, IMPORTS, CODE] = [0, 2, 10]
const FUNCTION_NAMES = 1

const bytes = readFileSync(process.argv[2] ?? WASM)
let at = 8

/** An unsigned number in LEB128. */
function number() {
  let value = 0
  for (let shift = 1; ; shift *= 128) {
    const byte = bytes[at++]
    value += (byte & 127) * shift
    if (byte < 128) return value
  }
}

function text() {
  const length = number()
  at += length
  return bytes.toString('utf8', at - length, at)
}

/** Counts the imported functions, which come first in the numbering. */
function importedFunctions() {
  let functions = 0
  for (let left = number(); left > 0; left -= 1) {
    text()
    text()
    const kind = bytes[at++]
    if (kind === 0) {
      number()
      functions += 1
    } else if (kind === 3) {
      at += 2
    } else {
      // a table (with its type), a memory or a tag
      if (kind === 1) at += 1
      const flags = number()
      if (kind === 4 || flags & 1) number()
      if (kind !== 4) number()
    }
  }
  return functions
}

/**
 * The crates that a mangled name mentions, in their order: `_ZN…` has the length before each part and `..` for `::`,
 * `_R…` has `C`, something unique, and the length before each crate.
 */
function cratesIn(name) {
  if (name.startsWith('_R')) {
    const found = name.matchAll(/C(?:s\w*?_)?(\d+)_?([a-z_]\w*)/g)
    return [...found].map(([, length, rest]) => rest.slice(0, length))
  }
  const path = name.replace(/^_ZN(\d+)(.*)$/, (_, length, rest) => `${rest.slice(0, length)}::`)
  const plain = path.replaceAll('..', '::').replaceAll(/\$\w+\$/g, ' ')
  return [...plain.matchAll(/(?<![\w:])_?([a-z_]\w*)(?=::)/g)].map(([, crate]) => crate.trim())
}

/** `<a::B as c::D>::e` belongs to the first of them that is not the standard library. */
function crateOf(name) {
  const crates = cratesIn(name)
  return crates.find((crate) => !['core', 'alloc', 'std'].includes(crate)) ?? (crates[0] ? 'core, alloc, std' : 'others')
}

const sizes = []
const names = new Map()
let imported = 0
while (at < bytes.length) {
  const kind = bytes[at++]
  const end = number() + at
  if (kind === IMPORTS) imported = importedFunctions()
  if (kind === CODE) {
    for (let left = number(); left > 0; left -= 1) {
      const size = number()
      sizes.push(size)
      at += size
    }
  }
  if (kind === CUSTOM && text() === 'name') {
    while (at < end) {
      const part = bytes[at++]
      const after = number() + at
      if (part === FUNCTION_NAMES) for (let left = number(); left > 0; left -= 1) names.set(number(), text())
      at = after
    }
  }
  at = end
}

const byCrate = new Map()
sizes.forEach((size, place) => {
  const crate = crateOf(names.get(imported + place) ?? '')
  byCrate.set(crate, (byCrate.get(crate) ?? 0) + size)
})
const all = sizes.reduce((sum, size) => sum + size, 0)
console.log(`${(all / 1000).toFixed(0)} KB of code in ${sizes.length} functions`)
for (const [crate, size] of [...byCrate].sort((a, b) => b[1] - a[1]).slice(0, SHOWN)) {
  console.log(`${(size / 1000).toFixed(1).padStart(8)} KB ${((100 * size) / all).toFixed(1).padStart(5)} %  ${crate}`)
}
