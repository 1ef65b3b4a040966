// What Answerable.open() was given, as a path; an article and a request are named by their numbers.
export function path({ article, request, form } = {}) {
  if (Number.isInteger(Number(article)) && article) return `articles/${Number(article)}`;
  if (Number.isInteger(Number(request)) && request) return `requests/${Number(request)}`;
  if (form) return `new?${new URLSearchParams({ subject: typeof form.subject === "string" ? form.subject : "" })}`;
  return "";
}
