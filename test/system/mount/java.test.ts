import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { get as httpGet } from 'node:http'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { GENERAL } from '../make-plugin.ts'
import { develop, newWorld, type World, writeFile } from '../world.ts'

/**
 * What Spring Boot does as it comes (it knows nothing of a prefix), and below /framework what it does with
 * `server.forward-headers-strategy=framework`: the prefix of the header is in front of what it sends.
 */
const SERVER = `import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.net.InetSocketAddress;

public class Server {
    public static void main(String[] words) throws Exception {
        HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", Integer.parseInt(words[0])), 0);
        server.createContext("/", Server::answer);
        server.start();
    }

    static void answer(HttpExchange exchange) throws java.io.IOException {
        String prefix = exchange.getRequestHeaders().getFirst("X-Forwarded-Prefix");
        String host = exchange.getRequestHeaders().getFirst("Host");
        String path = exchange.getRequestURI().toString();
        if (path.equals("/")) redirect(exchange, "/login", "/");
        else if (path.equals("/absolute")) redirect(exchange, "http://" + host + "/login", "/account");
        else if (path.equals("/framework")) redirect(exchange, "http://" + host + prefix + "/login", prefix);
        else {
            byte[] body = (path + " " + prefix).getBytes();
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
        }
        exchange.close();
    }

    static void redirect(HttpExchange exchange, String to, String cookiePath) throws java.io.IOException {
        exchange.getResponseHeaders().set("Location", to);
        exchange.getResponseHeaders().set("Set-Cookie", "JSESSIONID=1; Path=" + cookiePath + "; HttpOnly");
        exchange.sendResponseHeaders(302, -1);
    }
}
`
const APP = 'type=command\nmain_arg=java main/Server.java {port}\nworkers=1\nmount=1\nvirtualdomain_based_routing=1\n'
const skip = spawnSync('java', ['-version']).error === undefined ? false : 'java is missing: apt install openjdk-17-jdk-headless'

describe('a Java program with {port} and mount = 1', { skip }, () => {
  let world: World
  before(async () => {
    world = await newWorld()
    await world.start()
    const home = join(world.home, 'sources/shop')
    writeFile(join(home, '.layerapi2_label'), 'plugin_shop@mfserv\n')
    writeFile(join(home, 'config.ini'), `${GENERAL}[app_main]\n${APP}`)
    writeFile(join(home, 'main/Server.java'), SERVER)
    await develop(world, home)
  })
  after(() => world.end())

  test('gets the path without the prefix, and hears of the prefix', async () => {
    assert.deepEqual((await asked('/shop/a%2Fb?c=%2F')).slice(0, 2), [200, '/a%2Fb?c=%2F /shop'])
  })

  test('that knows of no prefix has its redirects and the paths of its cookies corrected', async () => {
    assert.deepEqual(await asked('/shop/'), [302, '/shop/login', 'JSESSIONID=1; Path=/shop; HttpOnly'])
    const absolute = [302, `${world.url}/shop/login`, 'JSESSIONID=1; Path=/shop/account; HttpOnly']
    assert.deepEqual(await asked('/shop/absolute'), absolute)
  })

  test('that puts the prefix in front itself has them left as they are', async () => {
    const told = [302, `${world.url}/shop/login`, 'JSESSIONID=1; Path=/shop; HttpOnly']
    assert.deepEqual(await asked('/shop/framework'), told)
  })

  test('hears of no prefix on its virtual host, whatever a client claims, and nothing is corrected there', async () => {
    const host = `shop.localhost:${world.port}`
    assert.deepEqual(await asked('/', host), [302, '/login', 'JSESSIONID=1; Path=/; HttpOnly'])
    assert.deepEqual((await asked('/x', host)).slice(0, 2), [200, '/x null'])
  })

  /** Status, where it sends or what it says, and its cookie. */
  function asked(path: string, host = `127.0.0.1:${world.port}`) {
    return new Promise<readonly (number | string | undefined)[]>((resolve, reject) => {
      const headers = { Host: host, 'X-Forwarded-Prefix': '/evil' }
      httpGet({ host: '127.0.0.1', port: world.port, path, headers, agent: false }, async (answer) => {
        const body = Buffer.concat(await answer.toArray()).toString()
        resolve([answer.statusCode, answer.headers.location ?? body, answer.headers['set-cookie']?.join()])
      }).on('error', reject)
    })
  }
})
