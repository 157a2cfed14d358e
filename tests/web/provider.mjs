// A real identity provider for tests: `node provider.mjs NODE_MODULES REDIRECT_URI…`, says its port. Whoever logs in there is called what
// they type; a password is not asked for.
const [modules, ...redirects] = process.argv.slice(2);
const { Provider } = await import(`${modules}/oidc-provider/lib/index.js`);
const { createServer } = await import("node:http");

const server = createServer((request, response) => listen(request, response));
server.listen(0, "127.0.0.1", () => {
  const { port } = server.address();
  const provider = new Provider(`http://127.0.0.1:${port}`, {
    clients: [{ client_id: "liandong", client_secret: "a secret of the client", redirect_uris: redirects }],
    cookies: { keys: ["only for tests"] },
    claims: { openid: ["sub"], profile: ["preferred_username"], email: ["email"] },
    findAccount: (_context, id) => ({
      accountId: id,
      claims: () => ({ sub: id, preferred_username: id, email: `${id}@city.example` }),
    }),
  });
  listen = provider.callback();
  console.log(port);
});
let listen = () => {};
