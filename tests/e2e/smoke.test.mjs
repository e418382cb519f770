import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cleanUp, newProfile, screenshot, startApp } from './harness.mjs'

for (const base of ['/', '/some/where/']) {
  test(`the app starts at ${base}, with a strict policy, and asks no other host for anything`, async (t) => {
    const app = cleanUp(t, await startApp({ base }))
    const device = cleanUp(t, await newProfile())
    const page = await device.page(app.url)
    await page.waitForFunction(() => document.body.innerText.trim() !== '')
    assert.match(await page.title(), /Muse/)
    await screenshot(page, 'smoke')
    // there is no config.json: the browser reports that as an error, the app takes it as "no configuration"
    assert.deepEqual(device.errors.filter((text) => !text.includes('/config.json')), [])
    assert.deepEqual(device.requestsLeaving(app.url), [])
  })
}
