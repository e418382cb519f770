#!/usr/bin/env node
// A static file server for the built app, sending what a good static host would send. For scripts/run and the tests.
//
//   scripts/serve.mjs DIRECTORY [--port N] [--emulator]
//
// Without --port the first free port from 8080 on is taken. With --emulator there is a `config.json` beside index.html
// (it is not written into the directory) that points the app at the emulator of FIRESTORE_EMULATOR_HOST.
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { createServer } from 'node:http'
import { extname, join, resolve, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { PROJECT } from './emulator.mjs'

const DEFAULT_PORT = 8080
const TYPES = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.jpg': 'image/jpeg',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.map': 'application/json; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.wasm': 'application/wasm',
  '.webmanifest': 'application/manifest+json; charset=utf-8',
  '.woff2': 'font/woff2',
}

/** The Content-Security-Policy for a build: everything from its own host but the connections to the user's servers. */
export function contentSecurityPolicy(indexHtml) {
  return [
    `default-src 'self'`,
    `script-src 'self' 'wasm-unsafe-eval' ${inlineScriptHashes(indexHtml).join(' ')}`.trim(),
    `style-src 'self'`,
    `img-src 'self' data: https:`,
    `connect-src 'self' https: http:`,
    `base-uri 'none'`,
    `form-action 'none'`,
    `frame-ancestors 'none'`,
  ].join('; ')
}

// Trunk starts the app with an inline script; a policy allows that script alone, by the hash of its text.
function inlineScriptHashes(html) {
  const scripts = html.matchAll(/<script\b(?![^>]*\bsrc=)[^>]*>([\s\S]*?)<\/script>/gi)
  return [...scripts].map(([, text]) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`)
}

/**
 * Serves `root` under the path `base` ("/" or "/some/path/").
 * `config` is the object to serve as config.json, `headers` are sent with every answer besides (and over) the usual ones.
 */
export async function serve(root, { port, config, headers = {}, base = '/' } = {}) {
  if (!existsSync(join(root, 'index.html'))) throw new Error(`There is no build in ${root}.`)
  const always = {
    'Cache-Control': 'no-cache',
    'Referrer-Policy': 'no-referrer',
    'X-Content-Type-Options': 'nosniff',
    ...headers,
  }
  const server = createServer((request, response) => {
    const { status, type, body } = answer(request, realpathSync(root), base, config)
    const policy = type === TYPES['.html'] ? { 'Content-Security-Policy': contentSecurityPolicy(body.toString()) } : {}
    response.writeHead(status, { 'Content-Type': type, 'Content-Length': body.length, ...policy, ...always })
    response.end(request.method === 'HEAD' ? undefined : body)
  })
  await listen(server, port)
  return {
    port: server.address().port,
    url: `http://127.0.0.1:${server.address().port}${base}`,
    stop: () =>
      new Promise((done) => {
        server.close(done)
        server.closeAllConnections()
      }),
  }
}

function answer(request, root, base, config) {
  const plain = (status, text) => ({ status, type: TYPES['.txt'], body: Buffer.from(`${text}\n`) })
  if (request.method !== 'GET' && request.method !== 'HEAD') return plain(405, 'Method not allowed')
  let path
  try {
    path = decodeURIComponent(new URL(request.url, 'http://localhost').pathname)
  } catch {
    return plain(400, 'Bad request')
  }
  if (!path.startsWith(base) || path.includes('\0')) return plain(404, 'Not found')
  let name = path.slice(base.length)
  if (name === '' || name.endsWith('/')) name += 'index.html'
  if (name === 'config.json' && config !== undefined) {
    return { status: 200, type: TYPES['.json'], body: Buffer.from(JSON.stringify(config)) }
  }
  try {
    const file = realpathSync(resolve(root, name))
    if (file.startsWith(root + sep) && statSync(file).isFile()) {
      const type = TYPES[extname(file)] ?? 'application/octet-stream'
      return { status: 200, type, body: readFileSync(file) }
    }
  } catch {
    // no such file
  }
  return plain(404, 'Not found')
}

// `port` undefined: the default one or the next that is free; 0: any.
async function listen(server, port) {
  for (let candidate = port ?? DEFAULT_PORT; ; candidate++) {
    try {
      return await new Promise((done, fail) => {
        server.once('error', fail)
        server.listen(candidate, '127.0.0.1', () => {
          server.removeListener('error', fail)
          done()
        })
      })
    } catch (error) {
      if (error.code !== 'EADDRINUSE') throw error
      if (port !== undefined) throw new Error(`Port ${port} is in use: choose another one, or none to get a free one.`)
    }
  }
}

/** The app's configuration for an emulator at `host` ("127.0.0.1:8080"). */
export function emulatorConfig(host) {
  return { projectId: PROJECT, apiKey: 'demo', emulatorHost: host }
}

async function main([root, ...words]) {
  const options = {}
  for (let i = 0; i < words.length; i++) {
    if (words[i] === '--emulator') options.config = emulatorConfig(process.env.FIRESTORE_EMULATOR_HOST)
    else if (words[i] === '--port' && /^\d+$/.test(words[i + 1])) options.port = Number(words[++i])
    else throw new Error(`serve.mjs: cannot read '${words[i]}'; see the top of the file for how to call it.`)
  }
  if (!root) throw new Error('serve.mjs: which directory?')
  const { url, stop } = await serve(root, options)
  console.log(`Muse Chat is at ${url} (Ctrl-C stops it)`)
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => stop().then(() => process.exit(0)))
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  main(process.argv.slice(2)).catch((error) => {
    console.error(error.message)
    process.exit(1)
  })
}
