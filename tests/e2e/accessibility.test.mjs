// Every screen and modal against the rules of axe-core: light and dark, wide and on a phone.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { test } from 'node:test'
import { answered, chooseModel, closePanel, createSpace, open, openPanel, send, syncIs } from './app.mjs'
import { cleanUp, emulatorConfig, newProfile, screenshot, startApp, startEmulator } from './harness.mjs'
import { startTeller, useTeller } from './teller.mjs'

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const TEXT = `# A title

Words with \`code\` and a [link](https://example.org).

- [x] done
- [ ] to do

| a | b |
| - | - |
| 1 | 2 |

\`\`\`rust
fn main() { let text = "so"; } // why
\`\`\`

$$\\frac{a}{b}$$ ![A picture](https://example.org/a.png)`

/** What axe-core finds in both themes, as lines. The colours of the other theme are all that differs there. */
async function complaints(page, name) {
  await page.waitForFunction(() => document.getAnimations().every((each) => each.effect.getTiming().iterations === Infinity || each.playState !== 'running'))
  const found = await page.evaluate(async () => {
    const all = await window.axe.run()
    const root = document.documentElement
    const theme = root.dataset.theme
    root.dataset.theme = matchMedia('(prefers-color-scheme: dark)').matches ? 'light' : 'dark'
    await new Promise((done) => setTimeout(done, 200))
    const other = await window.axe.run({ runOnly: ['color-contrast'] })
    root.dataset.theme = theme
    await new Promise((done) => setTimeout(done, 200))
    return [...all.violations, ...other.violations].flatMap(({ id, help, nodes }) =>
      nodes.map((node) => `${id}: ${help}: ${node.html.slice(0, 160)} ${node.any.map((each) => each.message).join(' ')}`),
    )
  })
  await screenshot(page, `accessibility-${name}`)
  return found.map((line) => `${name}: ${line}`)
}

const DEVICES = [
  ['wide', { viewport: { width: 1280, height: 800 }, colorScheme: 'light' }],
  ['phone', { viewport: { width: 360, height: 740 }, colorScheme: 'dark', hasTouch: true }],
]

for (const [device, options] of DEVICES) {
  test(`nothing on the ${device} screen stands in the way of those who cannot see it well`, async (t) => {
    const emulator = cleanUp(t, await startEmulator())
    const app = cleanUp(t, await startApp({ config: emulatorConfig(emulator.address) }))
    const page = await open(cleanUp(t, await newProfile({ ...options, reducedMotion: 'reduce' })), app.url)
    const found = []
    const look = async (name) => found.push(...(await complaints(page, `${device}-${name}`)))
    const menu = async () => {
      if (device !== 'phone') return
      await page.getByRole('button', { name: 'Open menu' }).click()
      await page.locator('.sidebar-open').waitFor()
    }
    const panel = async (name, prepare) => {
      await menu()
      const dialog = await openPanel(page, name)
      await prepare?.(dialog)
      await look(name)
      // a question that is open is closed first
      if (await page.locator('.confirm-button').count()) await page.keyboard.press('Escape')
      await closePanel(page)
    }
    await page.evaluate(AXE)

    await look('Start')
    const teller = cleanUp(t, await startTeller())
    teller.tell(TEXT)
    await useTeller(page, teller, {
      chooseModel: async (_, name) => {
        await menu()
        await chooseModel(page, name)
      },
      openPanel: async (_, name) => {
        await menu()
        return openPanel(page, name)
      },
      closePanel,
    })
    await send(page, 'Tell me all')
    await answered(page)
    await page.locator('.code-block').waitFor()
    await look('Chat')
    await page.keyboard.press('ArrowUp')
    await page.getByRole('button', { name: 'Cancel' }).waitFor()
    await look('Edit')
    await page.keyboard.press('Escape')
    await menu()
    await look('Menu')
    if (device === 'phone') await page.keyboard.press('Escape')
    await panel('Profile')
    await panel('Settings')
    await panel('Cloud Sync')
    await panel('Analytics')
    await page.getByRole('button', { name: 'This chat' }).click()
    await page.getByRole('dialog').waitFor()
    await look('This chat')
    await closePanel(page)
    teller.tell('')
    await send(page, 'And now?')
    await page.locator('.failure').waitFor()
    await look('Failure')
    await panel('History', async (dialog) => {
      await dialog.getByRole('button', { name: /^Delete:/ }).click()
      await dialog.locator('.trash summary').click()
      await page.locator('.toast').waitFor()
    })
    await page.keyboard.press('Control+Slash')
    await page.getByRole('dialog').waitFor()
    await look('Shortcuts')
    await closePanel(page)
    await menu()
    await createSpace(page)
    await syncIs(page, 'synced')
    await panel('Cloud Sync', async (dialog) => {
      await dialog.getByRole('button', { name: 'Show QR code' }).click()
      await dialog.getByRole('button', { name: 'Leave the space' }).click()
      await dialog.getByRole('button', { name: 'Leave', exact: true }).waitFor()
    })
    await panel('Debug', (dialog) => dialog.locator('.sync-health-log summary').click())
    await page.goto(`${app.url}#/nowhere/at/all`)
    await page.evaluate(AXE)
    await look('Not found')
    assert.deepEqual(found, [])
  })
}
