// Runs the tests part by part, goes on after a failed part, and ends with a table and the line "N passed, N failed".
//
//   scripts/test [PART…]      (default: all, in the order below)
//
// The simulation takes SEED=n (only that one) or SEEDS=n (how many); the emulator's storms take EMULATOR_RUNS=n.
import { spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { constants, tmpdir } from 'node:os'
import { join } from 'node:path'

const WASM = '--target wasm32-unknown-unknown'
// a part that takes longer hangs; a person who asks for many runs may wait for days
const LONG_RUN = ['SEEDS', 'EMULATOR_RUNS', 'KILLS'].some((name) => process.env[name])
const LIMIT_MINUTES = LONG_RUN ? Infinity : 45
// how many storms there are before the emulator: fewer where only some parts are asked for
const STORMS = process.argv.length > 2 ? 100 : 300

// setup: what of scripts/setup the part needs; counted: its tests are counted, else the part is one test.
const PARTS = {
  fmt: { setup: ['build'], run: ['cargo fmt --all --check'] },
  clippy: {
    setup: ['build'],
    run: ['cargo clippy --all-targets -- -D warnings', `cargo clippy ${WASM} --all-targets -- -D warnings`],
  },
  doc: { setup: ['build'], run: [`RUSTDOCFLAGS='-D warnings' cargo doc ${WASM} --no-deps --document-private-items`] },
  unit: {
    setup: ['build'],
    counted: true,
    run: [
      'cargo test --lib --test web --no-fail-fast',
      'cargo test --test it -- --skip sim:: --skip emulator::',
      'cargo test --doc --no-fail-fast',
    ],
  },
  sim: { setup: ['build'], counted: true, run: ['SEEDS=${SEEDS:-5000} cargo test --test it sim:: -- --nocapture'] },
  emulator: {
    setup: ['build', 'emulator'],
    counted: true,
    run: [
      // compiled first, so that the emulator does not wait for the compiler
      'cargo test --test it --no-run',
      `EMULATOR_RUNS=\${EMULATOR_RUNS:-${STORMS}} node scripts/emulator.mjs -- cargo test --test it emulator:: -- --include-ignored`,
    ],
  },
  web: {
    setup: ['build', 'browser'],
    counted: true,
    run: [
      `eval "$(node scripts/browser.mjs)"; export CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER=wasm-bindgen-test-runner
       WASM_BINDGEN_TEST_TIMEOUT=300 cargo test ${WASM} --no-fail-fast --test web --test web_components`,
    ],
  },
  build: { setup: ['build'], run: ['scripts/build --release'] },
  e2e: {
    setup: ['emulator', 'browser'],
    needs: 'build',
    counted: true,
    // two files at a time, which are waiting for the most part
    lanes: 2,
    // a browser, an emulator and a proxy on a busy machine: a file that fails is tried once more, and named as flaky
    again: true,
    run: readdirSync(new URL('../tests/e2e', import.meta.url))
      .filter((name) => name.endsWith('.test.mjs'))
      .sort()
      .map((name) => `node --test --test-concurrency=1 --test-reporter=spec tests/e2e/${name}`),
  },
}

// --- running one command ---------------------------------------------------------------------------------------------

// Browsers and tests leave files behind when they are killed.
const TEMPORARY = mkdtempSync(join(tmpdir(), 'muse-tests-'))
process.on('exit', () => rmSync(TEMPORARY, { recursive: true, force: true }))
const running = new Set() // the commands that run now: { pid, mark }
let started = 0
let stopping = false

// `aside`: the output is shown when the command has ended, as another runs beside it.
function run(part, command, aside) {
  const title = `\n=== ${part}: ${command.replace(/\s+/g, ' ')}\n`
  if (!aside) process.stdout.write(title)
  // every process that the command starts inherits the mark, by which those are found that left its process group
  const mark = `${process.pid}.${Date.now()}.${++started}`
  const script = `set -euo pipefail; source scripts/env.sh; ${command}`
  const env = { ...process.env, TMPDIR: TEMPORARY, MUSE_TEST_RUN: mark }
  const child = spawn('bash', ['-c', script], { stdio: ['ignore', 'pipe', 'pipe'], detached: true, env })
  const entry = { pid: child.pid, mark: `MUSE_TEST_RUN=${mark}` }
  running.add(entry)
  let output = ''
  const take = (stream) => (chunk) => {
    output += chunk
    if (!aside) stream.write(chunk)
  }
  child.stdout.on('data', take(process.stdout))
  child.stderr.on('data', take(process.stderr))
  const stop = () => {
    console.log(`test: stopped after ${LIMIT_MINUTES} minutes: ${command}`)
    kill(entry, 'SIGKILL')
  }
  const limit = Number.isFinite(LIMIT_MINUTES) && setTimeout(stop, LIMIT_MINUTES * 60_000)
  return new Promise((done) => {
    child.on('exit', (code) => {
      // what the command left behind must not keep its output open
      kill(entry, 'SIGKILL')
      clearTimeout(limit)
      child.on('close', () => {
        running.delete(entry)
        if (aside) process.stdout.write(title + output)
        if (!stopping) done({ command, ok: code === 0, output })
      })
    })
  })
}

function kill({ pid, mark }, signal) {
  for (const target of [-pid, ...markedProcesses(mark)]) {
    try {
      process.kill(target, signal)
    } catch {
      // already gone
    }
  }
}

function markedProcesses(mark) {
  let entries = []
  try {
    entries = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
  } catch {
    // not Linux: the process group has to do
  }
  return entries.map(Number).filter((pid) => {
    try {
      return readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0').includes(mark)
    } catch {
      return false
    }
  })
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.once(signal, async () => {
    stopping = true
    const all = [...running]
    all.forEach((entry) => kill(entry, 'SIGTERM'))
    await new Promise((done) => setTimeout(done, 1_000))
    all.forEach((entry) => kill(entry, 'SIGKILL'))
    process.exit(128 + constants.signals[signal])
  })
}

// --- counting --------------------------------------------------------------------------------------------------------

const sum = (output, pattern) => [...output.matchAll(pattern)].reduce((total, [, count]) => total + Number(count), 0)

function count(output, ok) {
  const plain = output.replace(/\x1b\[[0-9;]*m/g, '')
  // cargo test and wasm-bindgen-test, then node:test
  const passed = sum(plain, /^test result: .*?(\d+) passed;/gm) + sum(plain, /^ℹ pass (\d+)$/gm)
  const failed =
    sum(plain, /^test result: .*?(\d+) failed;/gm) + sum(plain, /^ℹ (?:fail|cancelled) (\d+)$/gm)
  // a crash is a failure too, and so is a part in which no test ran
  const broken = failed === 0 && (!ok || passed === 0)
  return { passed, failed: broken ? 1 : failed }
}

const flaky = []

async function runPart(name, { run: commands, counted, lanes = 1, again }) {
  const start = Date.now()
  const waiting = [...commands]
  const results = []
  const lane = async () => {
    while (waiting.length) results.push(await run(name, waiting.shift(), lanes > 1))
  }
  await Promise.all(Array.from({ length: lanes }, lane))
  for (const result of results.filter(({ ok }) => again && !ok)) {
    console.log(`\n=== ${name}: failed, once more and alone: ${result.command}`)
    Object.assign(result, await run(name, result.command))
    if (result.ok) flaky.push(result.command)
  }
  const ok = results.every((result) => result.ok)
  const output = results.map((result) => result.output).join('\n')
  const numbers = counted ? count(output, ok) : { passed: Number(ok), failed: Number(!ok) }
  const seconds = Math.round((Date.now() - start) / 1_000)
  console.log(`=== ${name}: ${numbers.passed} passed, ${numbers.failed} failed, ${seconds} s`)
  return { name, ...numbers, seconds }
}

// --- all of it -------------------------------------------------------------------------------------------------------

function choose(names) {
  const unknown = names.filter((name) => name !== 'setup' && !PARTS[name])
  if (unknown.length) {
    console.error(`test: there is no part '${unknown[0]}'; there are setup, ${Object.keys(PARTS).join(', ')}.`)
    process.exit(2)
  }
  const wanted = new Set(names.length ? names : Object.keys(PARTS))
  for (const name of [...wanted]) if (PARTS[name]?.needs) wanted.add(PARTS[name].needs)
  return Object.keys(PARTS).filter((name) => wanted.has(name))
}

const chosen = choose(process.argv.slice(2))
const setup = [...new Set(chosen.flatMap((name) => PARTS[name].setup))].join(' ')
const results = [await runPart('setup', { run: [`scripts/setup ${setup}`.trim()] })]
for (const name of chosen) results.push(await runPart(name, PARTS[name]))

const total = (key) => results.reduce((sum, result) => sum + result[key], 0)
console.log(`\n${'part'.padEnd(10)}${'passed'.padStart(8)}${'failed'.padStart(8)}${'seconds'.padStart(9)}`)
for (const { name, passed, failed, seconds } of [
  ...results,
  { name: 'all', passed: total('passed'), failed: total('failed'), seconds: total('seconds') },
]) {
  console.log(name.padEnd(10) + String(passed).padStart(8) + String(failed).padStart(8) + String(seconds).padStart(9))
}
for (const command of flaky) console.log(`flaky, passed only the second time: ${command}`)
console.log(`${total('passed')} passed, ${total('failed')} failed`)
process.exitCode = total('failed') ? 1 : 0
