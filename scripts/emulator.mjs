#!/usr/bin/env node
// The Firestore emulator: for scripts/run, scripts/test and the end-to-end tests.
//
//   scripts/emulator.mjs --find                                    prints which jar would be used
//   scripts/emulator.mjs [--rules FILE] [--port N]                 runs it until Ctrl-C
//   scripts/emulator.mjs [--rules FILE] [--port N] -- COMMAND …    runs COMMAND with FIRESTORE_EMULATOR_HOST set
//
// Data is kept in memory only and gone when it stops.
import { spawn } from 'node:child_process'
import { existsSync, readdirSync, realpathSync } from 'node:fs'
import { createServer } from 'node:net'
import { constants, homedir } from 'node:os'
import { basename, delimiter, dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

export const PROJECT = 'demo-muse'
export const RULES = fileURLToPath(new URL('../firestore.rules', import.meta.url))
const MAIN_CLASS = 'com.google.cloud.datastore.emulator.firestore.CloudFirestore'
const START_TIMEOUT_MS = 60_000

/** The emulator's jar: named by the user, else of the Google Cloud SDK, else fetched by firebase-tools. */
export function findJar(env = process.env) {
  if (env.FIRESTORE_EMULATOR_JAR) {
    const jar = env.FIRESTORE_EMULATOR_JAR
    if (!existsSync(jar)) throw new Error(`FIRESTORE_EMULATOR_JAR names ${jar}, which does not exist.`)
    return jar
  }
  return jarOfCloudSdk(env) ?? jarOfFirebaseTools()
}

function jarOfCloudSdk(env) {
  const dir = (env.PATH ?? '').split(delimiter).find((dir) => existsSync(join(dir, 'gcloud')))
  if (!dir) return undefined
  const sdk = dirname(dirname(realpathSync(join(dir, 'gcloud'))))
  const jar = join(sdk, 'platform/cloud-firestore-emulator/cloud-firestore-emulator.jar')
  return existsSync(jar) ? jar : undefined
}

function jarOfFirebaseTools() {
  const dir = join(homedir(), '.cache/firebase/emulators')
  if (!existsSync(dir)) return undefined
  const byVersion = (a, b) => a.localeCompare(b, 'en', { numeric: true })
  const jars = readdirSync(dir).filter((name) => /^cloud-firestore-emulator-.*\.jar$/.test(name)).sort(byVersion)
  return jars.length ? join(dir, jars.at(-1)) : undefined
}

function javaArguments(jar, options) {
  // it lives too short for its compiler to pay off
  const jvm = ['-Xmx1g', '-Duser.language=en', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1']
  // firebase-tools' jars (the ones with a version in the name) are started by -jar, the SDK's by its main class
  return /-v?\d[\d.]*\.jar$/.test(basename(jar))
    ? [...jvm, '-jar', jar, ...options]
    : [...jvm, '-cp', jar, MAIN_CLASS, 'start', ...options]
}

/** Binds and frees a TCP port of 127.0.0.1, any (0) or a given one; rejects when that is in use. */
export function freePort(wanted = 0) {
  return new Promise((done, fail) => {
    const server = createServer()
    server.once('error', () => fail(new Error(`Port ${wanted} is in use.`)))
    server.listen(wanted, '127.0.0.1', () => {
      const { port } = server.address()
      server.close(() => done(port))
    })
  })
}

const running = new Set()
process.on('exit', () => running.forEach((child) => child.kill('SIGKILL')))

/** Starts an emulator and waits until it answers. A start with `port` again is how a restart is played. */
export async function start({ rules = RULES, port } = {}) {
  const jar = findJar()
  if (!jar) throw new Error('No Firestore emulator on this machine: run scripts/setup emulator.')
  if (!existsSync(rules)) throw new Error(`The rules file ${rules} does not exist.`)
  const host = '127.0.0.1'
  const usedPort = await freePort(port)
  const options = [`--host=${host}`, `--port=${usedPort}`, `--rules=${rules}`]
  const child = spawn('java', javaArguments(jar, options), { stdio: ['ignore', 'pipe', 'pipe'] })
  running.add(child)

  let log = ''
  const keep = (chunk) => (log = (log + chunk).slice(-20_000))
  child.stdout.on('data', keep)
  child.stderr.on('data', keep)
  const exited = new Promise((done) => {
    child.once('exit', done)
    child.once('error', (error) => {
      keep(error.message)
      done()
    })
  }).then(() => running.delete(child))

  const end = async (signal) => {
    child.kill(signal)
    const forced = setTimeout(() => child.kill('SIGKILL'), 5_000)
    await exited
    clearTimeout(forced)
  }
  const stop = () => end('SIGTERM')
  const kill9 = () => end('SIGKILL')

  const deadline = Date.now() + START_TIMEOUT_MS
  while (!(await answers(host, usedPort))) {
    if (!running.has(child) || Date.now() > deadline) {
      await kill9()
      throw new Error(`The Firestore emulator did not start on port ${usedPort}:\n${log}`)
    }
    await new Promise((done) => setTimeout(done, 100))
  }
  return { host, port: usedPort, stop, kill9, log: () => log, pid: child.pid }
}

async function answers(host, port) {
  try {
    const response = await fetch(`http://${host}:${port}/`, { signal: AbortSignal.timeout(2_000) })
    return (await response.text()).trim() === 'Ok'
  } catch {
    return false
  }
}

// --- run directly ----------------------------------------------------------------------------------------------------

async function main(argv) {
  const split = argv.indexOf('--')
  const command = split < 0 ? [] : argv.slice(split + 1)
  const options = { rules: RULES }
  const words = split < 0 ? argv : argv.slice(0, split)
  for (let i = 0; i < words.length; i++) {
    if (words[i] === '--find') return find()
    else if (words[i] === '--rules' && words[i + 1]) options.rules = resolve(words[++i])
    else if (words[i] === '--port' && Number(words[i + 1])) options.port = Number(words[++i])
    else throw new Error(`emulator.mjs: cannot read '${words[i]}'; see the top of the file for how to call it.`)
  }
  const emulator = await start(options)
  const address = `${emulator.host}:${emulator.port}`
  console.log(`Firestore emulator: ${address} (project ${PROJECT}, rules: ${options.rules})`)
  const status = command.length ? await runWith(command, address) : await untilSignal()
  await emulator.stop()
  return status
}

function find() {
  const jar = findJar()
  if (jar) console.log(jar)
  return jar ? 0 : 1
}

function runWith([program, ...args], address) {
  const env = { ...process.env, FIRESTORE_EMULATOR_HOST: address, MUSE_EMULATOR_PROJECT: PROJECT }
  const child = spawn(program, args, { stdio: 'inherit', env })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  return new Promise((done) => {
    child.once('error', (error) => {
      console.error(error.message)
      done(127)
    })
    child.once('exit', (code, signal) => done(code ?? 128 + constants.signals[signal]))
  })
}

function untilSignal() {
  return new Promise((done) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => done(0))
  })
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  main(process.argv.slice(2)).then(
    (status) => process.exit(status),
    (error) => {
      console.error(error.message)
      process.exit(1)
    },
  )
}
