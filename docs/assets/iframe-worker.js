// The search of this site runs in a worker, which browsers refuse to start from a file. Where the site is read from a
// folder this stands in for it: the worker's script runs in a hidden frame, with the few names it needs.
if (location.protocol === "file:") {
  window.Worker = class extends EventTarget {
    constructor(url) {
      super()
      this.url = String(url)
      this.waiting = []
      this.frame = document.createElement("iframe")
      this.frame.hidden = true
      this.frame.title = "search"
      document.body.appendChild(this.frame)
      const inside = this.frame.contentDocument
      inside.open()
      inside.write("<!doctype html><body></body>")
      inside.close()
      const scope = this.frame.contentWindow
      const load = (address) => new Promise((resolve, reject) => {
        const script = inside.createElement("script")
        script.src = address
        script.onload = resolve
        script.onerror = () => reject(new Error(`${address} could not be loaded`))
        inside.body.appendChild(script)
      })
      scope.importScripts = (...addresses) => addresses.reduce((before, one) => before.then(() => load(one)), Promise.resolve())
      scope.postMessage = (data) => setTimeout(() => {
        const told = new MessageEvent("message", { data })
        this.dispatchEvent(told)
        if (this.onmessage) this.onmessage(told)
      })
      this.scope = scope
      load(this.url).then(() => {
        const held = this.waiting
        this.waiting = null
        held.forEach((data) => this.postMessage(data))
      })
    }

    postMessage(data) {
      if (this.waiting) this.waiting.push(data)
      else this.scope.dispatchEvent(new MessageEvent("message", { data }))
    }

    terminate() {
      this.frame.remove()
    }
  }
}
