// What the end-to-end tests share: the built app on a port of its own, browser profiles that can be closed, reopened and
// killed, a record of everything that a page asks the network for, the Firestore emulator, and screenshots.
//
// Every start… returns something with stop(); `cleanUp(t, …)` calls it when the test ends, however it ends.
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { chromium } from 'playwright-core'
import { BROWSER_FLAGS, findBrowser } from '../../scripts/browser.mjs'
import * as emulator from '../../scripts/emulator.mjs'
import { emulatorConfig, serve } from '../../scripts/serve.mjs'

export { emulatorConfig }
export { startProxy } from './proxy.mjs'
export { startReplay } from './replay.mjs'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
/** The build that is tested. */
export const DIST = process.env.MUSE_DIST ?? join(ROOT, 'dist')
const SCREENSHOTS = join(ROOT, 'target/screenshots')

/** Stops these when the test ends, the last one first. Returns them, or the one when it is only one. */
export function cleanUp(t, ...started) {
  t.after(async () => {
    for (const each of started.reverse()) await each.stop()
  })
  return started.length === 1 ? started[0] : started
}

/**
 * Serves the release build: `{ url, port, stop }`. Options: `config` (object, becomes config.json), `headers`
 * (sent with every answer), `base` ("/sub/path/"), `port` (to come back at the same address), `dist`.
 */
export function startApp({ dist = DIST, port = 0, ...options } = {}) {
  return serve(dist, { port, ...options })
}

/** A Firestore emulator with firestore.rules: `{ host, port, address, stop, kill9, restart }`. Data is lost on restart. */
export async function startEmulator(options = {}) {
  let running = await emulator.start(options)
  const { host, port } = running
  return {
    host,
    port,
    address: `${host}:${port}`,
    project: emulator.PROJECT,
    stop: () => running.stop(),
    kill9: () => running.kill9(),
    /** Starts it again on the same port, after stop() or kill9(). */
    restart: async () => {
      running = await emulator.start({ ...options, port })
    },
  }
}

/**
 * A browser with a fresh profile directory: one device of the user. `options` go to Playwright's
 * launchPersistentContext (viewport, locale, offline, …).
 */
export async function newProfile(options = {}) {
  const profile = new Profile(options)
  await profile.open()
  return profile
}

class Profile {
  #options
  #directory = mkdtempSync(join(tmpdir(), 'muse-profile-'))
  context
  /** Every request a page made, over all openings: { method, url, body }. */
  requests = []
  /** Errors on the console, exceptions nobody caught, and failed policies, as text. */
  errors = []

  constructor(options) {
    this.#options = options
  }

  async open() {
    const { chrome } = findBrowser()
    this.context = await chromium.launchPersistentContext(this.#directory, {
      executablePath: chrome,
      headless: true,
      args: BROWSER_FLAGS,
      viewport: { width: 1280, height: 800 },
      ...this.#options,
    })
    this.context.setDefaultTimeout(60_000)
    this.context.on('request', (request) => this.#record(request.method(), request.url(), request.postData()))
    this.context.on('console', (message) => {
      if (message.type() === 'error') this.errors.push(`${message.text()} (${message.location().url})`)
    })
    this.context.on('weberror', (error) => this.errors.push(String(error.error().stack ?? error.error())))
    this.context.on('page', (page) => this.#watch(page))
    this.context.pages().forEach((page) => this.#watch(page))
  }

  #record(method, url, body) {
    if (/^https?:|^wss?:/.test(url)) this.requests.push({ method, url, body })
  }

  #watch(page) {
    page.on('websocket', (socket) => this.#record('WEBSOCKET', socket.url(), null))
  }

  /** The first tab, or a new one; opened at `url` where given. */
  async page(url, { fresh = false } = {}) {
    const page = (!fresh && this.context.pages()[0]) || (await this.context.newPage())
    if (url) await page.goto(url)
    return page
  }

  /** The requests that went anywhere else than to the app's own host. */
  requestsLeaving(appUrl) {
    const own = new URL(appUrl).origin
    return this.requests.filter(({ url }) => new URL(url).origin !== own)
  }

  close() {
    return this.context.close()
  }

  /** Opens the same profile again after close() or kill9(). */
  reopen() {
    return this.open()
  }

  /** Kills the browser's main process as a crash or a power cut would; its other processes end with it. */
  async kill9() {
    const closed = new Promise((done) => this.context.once('close', done))
    for (const pid of this.#mainProcesses()) process.kill(pid, 'SIGKILL')
    await closed
  }

  #mainProcesses() {
    return execFileSync('ps', ['-A', '-ww', '-o', 'pid=,args='], { encoding: 'utf8', maxBuffer: 1 << 26 })
      .split('\n')
      .filter((line) => line.includes(`--user-data-dir=${this.#directory}`) && !line.includes('--type='))
      .map((line) => Number.parseInt(line, 10))
  }

  /** Closes the browser and deletes the profile. */
  async stop() {
    await this.context.close().catch(() => {})
    rmSync(this.#directory, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 })
  }
}

/** Saves a picture of the page as target/screenshots/NAME.png. */
export async function screenshot(page, name, options = {}) {
  mkdirSync(SCREENSHOTS, { recursive: true })
  const path = join(SCREENSHOTS, `${name}.png`)
  await page.screenshot({ path, animations: 'disabled', ...options })
  return path
}

/** Waits until `check` returns something true (it may throw meanwhile) and returns that. */
export async function eventually(check, { timeout = 60_000, every = 100 } = {}) {
  const deadline = Date.now() + timeout
  for (;;) {
    let failure
    try {
      const value = await check()
      if (value) return value
    } catch (error) {
      failure = error
    }
    if (Date.now() > deadline) throw failure ?? new Error(`Not true within ${timeout} ms: ${check}`)
    await new Promise((done) => setTimeout(done, every))
  }
}
