// A part of a page from our server, ready to be put in.
export function part(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  // Addresses of what is inside hold for a minute: it is fetched at once.
  for (const one of template.content.querySelectorAll("[loading]")) one.loading = "eager";
  return template.content;
}
