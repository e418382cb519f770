// Long chats for tests that do not want to wait until somebody has said all that.

/** Makes the chat that is shown, of two messages, one of `count`, on the device itself; the page has to be loaded again. */
export async function grow(page, count, body) {
  await page.evaluate(
    async ({ count, body }) => {
      const done = (request) => new Promise((resolve, fail) => ((request.onsuccess = () => resolve(request.result)), (request.onerror = fail)))
      const seal = (json) => {
        let hash = 0xcbf29ce484222325n
        for (const byte of new TextEncoder().encode(json)) hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n)
        return hash.toString(16).padStart(16, '0') + json
      }
      const database = await done(indexedDB.open('muse'))
      const rows = database.transaction('rows', 'readwrite').objectStore('rows')
      const chat = location.hash.split('/').at(-1)
      const keys = await done(rows.getAllKeys(IDBKeyRange.bound(`m/${chat}/`, `m/${chat}/\uffff`)))
      const found = await Promise.all(keys.map(async (key) => ({ key, row: await done(rows.get(key)) })))
      const parsed = found.map(({ key, row }) => ({ key, row, json: JSON.parse(row.v.slice(16)) }))
      const fields = ({ json }) => json.record.f
      const question = parsed.find((each) => fields(each).role.v === 'user')
      const reply = parsed.find((each) => fields(each).role.v === 'assistant')
      const id = (at) => `m${String(at).padStart(26, 'a').replaceAll(/[0189]/g, (digit) => 'wxyz'['0189'.indexOf(digit)])}`
      const start = fields(question).at.v - count * 1000
      for (let at = 0; at < count; at += 1) {
        const like = at % 2 ? reply : question
        const json = structuredClone(like.json)
        const f = json.record.f
        f.at.v = start + at * 1000
        f.body.v = at % 2 ? body : `Question number ${at}`
        const stamp = f.role.t
        if (at > 0) f.re = { v: id(at - 1), t: stamp }
        else delete f.re
        await done(rows.put({ ...like.row, v: seal(JSON.stringify(json)) }, `m/${chat}/${id(at)}`))
      }
      database.close()
    },
    { count, body },
  )
}
