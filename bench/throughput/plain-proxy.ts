/** An nginx that keeps its connections to a server on a port, as mfserv does: what it costs such a server to have one in front. */
export function keepingProxy(port: number): string {
  return `
  upstream app_server { server 127.0.0.1:${port}; keepalive 32; }
  server {
    listen PORT;
    location / {
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header Host $http_host;
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
      proxy_set_header X-Forwarded-Proto $scheme;
      proxy_pass http://app_server;
    }
  }`
}

/** The nginx configuration of gunicorn's documentation, for a server on a unix socket. */
export function plainProxy(socket: string): string {
  return `
  upstream app_server { server unix:${socket} fail_timeout=0; }
  server {
    listen PORT;
    client_max_body_size 4G;
    keepalive_timeout 5;
    location / {
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
      proxy_set_header X-Forwarded-Proto $scheme;
      proxy_set_header Host $http_host;
      proxy_redirect off;
      proxy_pass http://app_server;
    }
  }`
}
