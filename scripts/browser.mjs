#!/usr/bin/env node
// Finds the Chromium (or Chrome) and the chromedriver to test with; run directly, prints them as shell variables.
import { accessSync, constants, openSync, readSync, closeSync, realpathSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const BROWSERS = ['chromium', 'google-chrome', 'google-chrome-stable', 'chromium-browser']

/** Flags for every browser started in tests: no talking to its vendor, and no sandbox where we are root. */
export const BROWSER_FLAGS = [
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-dev-shm-usage',
]

export function findBrowser(env = process.env) {
  const chrome = env.CHROME || BROWSERS.map((name) => which(name, env)).find((path) => path && !isSnapStub(path))
  const driver =
    env.CHROMEDRIVER || which('chromedriver', env) || executable(join(env.CHROMEWEBDRIVER || '/nowhere', 'chromedriver'))
  return { chrome, driver }
}

function which(name, env) {
  return (env.PATH || '').split(delimiter).map((dir) => executable(join(dir, name))).find(Boolean)
}

function executable(path) {
  try {
    accessSync(path, constants.X_OK)
    return path
  } catch {
    return undefined
  }
}

// Ubuntu's apt package of Chromium is a script that only points at a snap, which cannot be used as root or in CI.
function isSnapStub(path) {
  if (realpathSync(path).includes('/snap')) return true
  const file = openSync(path, 'r')
  const start = Buffer.alloc(4096)
  const length = readSync(file, start)
  closeSync(file)
  const text = start.toString('latin1', 0, length)
  return text.startsWith('#!') && /\/snap\/|snap install/.test(text)
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const { chrome, driver } = findBrowser()
  if (!chrome || !driver) process.exit(1)
  console.log(`export CHROME='${chrome}' CHROMEDRIVER='${driver}'`)
}
