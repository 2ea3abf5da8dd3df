// An HTTP handler: answers like `guests/http`'s `proxy` to the three paths that the test asks both for.

addEventListener("fetch", (event) => event.respondWith(answer(event.request)));

async function answer(request) {
  const { pathname, search } = new URL(request.url);
  switch (pathname) {
    case "/":
      return new Response("hello, world\n");
    case "/echo":
      return new Response(await request.text());
    case "/sleep":
      await new Promise((resolve) => setTimeout(resolve, Number(search.slice(1))));
      return new Response("slept\n");
    default:
      return new Response("not here\n", { status: 404 });
  }
}
