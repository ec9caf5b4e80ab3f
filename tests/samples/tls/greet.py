import socket, ssl, sys, threading
if "--help" in sys.argv:
    sys.exit()
listening = socket.create_server(("127.0.0.1", 0))
server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
server.load_cert_chain("/tls.pem")
def serve():
    with server.wrap_socket(listening.accept()[0], server_side=True) as one:
        one.sendall(b"hello")
threading.Thread(target=serve, daemon=True).start()
client = ssl.create_default_context()
with client.wrap_socket(socket.create_connection(listening.getsockname()), server_hostname="localhost") as one:
    print(one.recv(5).decode(), "by", ssl.get_default_verify_paths().cafile)
