#!/usr/bin/env node
// How quick the transcript is, in the release build and a real Chromium. No test: its numbers depend on the machine.
//
//   scripts/build --release && node tests/bench/transcript.mjs
//   MUSE_DIST=/another/build node tests/bench/transcript.mjs     # to compare, by turns: machines change their speed
//
// A long task keeps the page from answering for more than 50 ms. For each part: how many long tasks by the clock
// (which counts what other programs took, too) and by the processor's time of the page's thread, and the longest.
import { chooseModel, closePanel, composer, open, openPanel, send, answered } from '../e2e/app.mjs'
import { grow } from '../e2e/grow.mjs'
import { newProfile, startApp } from '../e2e/harness.mjs'
import { startTeller, useTeller } from '../e2e/teller.mjs'

const LONG_MS = 50
const PARAGRAPH =
  'The *quick* brown fox, **as ever**, jumps over `lazy_dog()` because $a^2 + b^2 = c^2$; see [this](https://example.org).'
const CODE = '```rust\nfn main() {\n    let answer = 42; // of course\n    println!("{answer}");\n}\n```'
const TABLE = '| a | b |\n|---|--:|\n| one | 1 |\n| two | 2 |'
const LIST = '1. first\n2. second\n   - inner `code`\n   - and **more**\n3. third'

/** An answer of so many tokens (as the stand-in counts them) with a bit of everything. */
function answer(tokens) {
  const parts = [PARAGRAPH, LIST, CODE, PARAGRAPH, TABLE, `## A heading\n\n${PARAGRAPH}`]
  let text = ''
  for (let at = 0; (text.match(/\s*\S{1,5}|\s+/g) ?? []).length < tokens; at += 1) text += `${parts[at % parts.length]}\n\n`
  return text
}

/** Runs `work` and reports the long tasks of the page's own thread meanwhile. */
async function measure(page, name, work) {
  const session = await page.context().newCDPSession(page)
  const events = []
  session.on('Tracing.dataCollected', ({ value }) => events.push(...value))
  await page.evaluate(() => {
    window.longTasks = []
    window.longTaskObserver = new PerformanceObserver((list) => window.longTasks.push(...list.getEntries().map((each) => each.duration)))
    window.longTaskObserver.observe({ type: 'longtask' })
  })
  await session.send('Tracing.start', { traceConfig: { includedCategories: ['toplevel', 'disabled-by-default-devtools.timeline', '__metadata'] } })
  const note = await work()
  await page.waitForTimeout(500)
  const complete = new Promise((done) => session.once('Tracing.tracingComplete', done))
  await session.send('Tracing.end')
  await complete
  const observed = await page.evaluate(() => (window.longTaskObserver.disconnect(), window.longTasks))
  await session.detach()
  const mains = new Set(
    events.filter((each) => each.name === 'thread_name' && each.args.name === 'CrRendererMain').map((each) => `${each.pid}/${each.tid}`),
  )
  const tasks = events.filter((each) => each.name === 'ThreadControllerImpl::RunTask' && each.ph === 'X' && mains.has(`${each.pid}/${each.tid}`))
  const cpu = tasks.map((each) => (each.tdur ?? 0) / 1000).sort((a, b) => b - a)
  const wall = tasks.map((each) => each.dur / 1000).sort((a, b) => b - a)
  const long = (all) => all.filter((ms) => ms > LONG_MS).length
  const ms = (value) => `${(value ?? 0).toFixed(1)} ms`
  console.log(
    `${name}: ${note ? `${note}; ` : ''}long tasks observed ${observed.length} (longest ${ms(Math.max(0, ...observed))}); ` +
      `of ${tasks.length} tasks over 50 ms by the clock ${long(wall)} (longest ${ms(wall[0])}), ` +
      `by processor time ${long(cpu)} (longest ${cpu.slice(0, 3).map(ms).join(', ')}; total ${ms(cpu.reduce((a, b) => a + b, 0))})`,
  )
}

async function timed(work) {
  const start = performance.now()
  await work()
  return performance.now() - start
}

const teller = await startTeller()
const app = await startApp()
const profile = await newProfile()
try {
  const page = await open(profile, app.url)
  await useTeller(page, teller, { chooseModel, openPanel, closePanel })
  teller.tell('Yes.')
  await send(page, 'To begin with')
  await answered(page)
  await grow(page, 200, answer(150))
  await page.reload()
  await page.locator('.transcript-area .message').last().waitFor()
  for (const tokensPerSecond of [200, 2000]) {
    teller.tell(answer(2000), { tokensPerSecond })
    await measure(page, `2 000 tokens at ${tokensPerSecond}/s into 200 messages`, async () => {
      await send(page, `Tell me at ${tokensPerSecond}`)
      await page.locator('.live-reply').waitFor()
      await page.locator('.live-reply').waitFor({ state: 'detached', timeout: 120_000 })
    })
  }
  await grow(page, 2000, answer(150))
  const address = page.url()
  const elsewhere = `${app.url}#/chat/caaaaaaaaaaaaaaaaaaaaaaaaaa`
  // asked in the page, frame by frame: from outside it is seen too late
  const show = async () => {
    const ms = await page.evaluate(async (hash) => {
      const start = performance.now()
      location.hash = hash
      const isSeen = (row) => row && getComputedStyle(row).visibility === 'visible'
      do await new Promise(requestAnimationFrame)
      while (!isSeen(document.querySelector('.transcript-area .message')))
      return performance.now() - start
    }, new URL(address).hash)
    return `first rows after ${ms.toFixed(0)} ms`
  }
  await page.goto(elsewhere)
  await page.reload()
  await page.getByText('Start a conversation').waitFor()
  await measure(page, 'opening a chat of 2 000 messages', show)
  await page.goto(elsewhere)
  await page.getByText('Start a conversation').waitFor()
  await measure(page, 'opening it again', show)
  await measure(page, 'scrolling up through it', async () => {
    const area = page.locator('.transcript-area')
    await area.hover()
    for (let turn = 0; turn < 60; turn += 1) {
      await page.mouse.wheel(0, -2500)
      await page.waitForTimeout(30)
    }
  })
  console.log(`${await page.locator('.transcript-area .message').count()} rows are there now`)
  await measure(page, 'typing 60 letters below it', async () => {
    const ms = await timed(() => composer(page).pressSequentially('sixty letters are typed here to see how long each of it take'))
    return `${(ms / 60).toFixed(1)} ms for each`
  })
} finally {
  await profile.stop()
  await app.stop()
  await teller.stop()
}
