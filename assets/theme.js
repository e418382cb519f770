// What must be so at the first paint, or something would flash or jump: the theme, and the width of the sidebar.
// The app writes both values, and keeps the theme up to date from then on.
try {
  const root = document.documentElement
  const theme = localStorage.getItem('muse/theme')
  if (theme) root.dataset.theme = theme
  if (localStorage.getItem('muse/sidebar') === 'collapsed') root.dataset.sidebar = 'collapsed'
} catch {
  // no storage (a private window, say): the theme of the device
}
