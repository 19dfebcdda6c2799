package dev.rehome.phone

import gov.nist.core.net.NetworkLayer
import gov.nist.javax.sip.SipStackImpl
import java.io.FilterInputStream
import java.io.IOException
import java.io.InputStream
import java.net.DatagramSocket
import java.net.InetAddress
import java.net.InetSocketAddress
import java.net.ServerSocket
import java.net.Socket
import java.util.concurrent.ConcurrentHashMap
import javax.net.ssl.SSLServerSocket
import javax.net.ssl.SSLServerSocketFactory
import javax.net.ssl.SSLSocket
import javax.net.ssl.SSLSocketFactory

/**
 * The sockets of one stack. JAIN SIP tells neither why a connect failed, nor that a connection ended, nor does it check the
 * certificate's name (rule 1.6): this does.
 */
class Watch(private val tls: SSLSocketFactory?, private val lost: (InetSocketAddress) -> Unit) {
    private val names = ConcurrentHashMap<InetSocketAddress, String>()
    private val failures = ConcurrentHashMap<InetSocketAddress, IOException>()
    private val open = ConcurrentHashMap.newKeySet<WatchedSocket>()

    /** The name that the certificate of this peer must carry. */
    fun expect(peer: InetSocketAddress, name: String) {
        val before = names.put(peer, name)
        if (before != null && before != name) forget { it.peer == peer }
    }

    /** Why the last connect failed; told once. */
    fun failure(peer: InetSocketAddress): IOException? = failures.remove(peer)

    /** Closes connections without a word. */
    fun forget(which: (WatchedSocket) -> Boolean = { true }) {
        open.filter(which).forEach {
            it.quiet = true
            it.close()
        }
    }

    /** What is still connecting there is given up. */
    fun giveUp(peer: InetSocketAddress): Unit = forget { it.peer == peer && !it.ready }

    fun connect(address: InetAddress, port: Int, secure: Boolean): Socket {
        val peer = InetSocketAddress(address, port)
        val socket = WatchedSocket(peer) { ended ->
            open -= ended
            if (!ended.quiet && ended.ready) lost(peer)
        }
        open += socket
        try {
            socket.tcpNoDelay = true
            socket.connect(peer, PATIENCE_MS)
            val made = if (secure) handshake(socket, peer) else socket
            socket.ready = true
            return made
        } catch (error: IOException) {
            failures[peer] = error
            socket.close()
            throw error
        }
    }

    private fun handshake(socket: WatchedSocket, peer: InetSocketAddress): SSLSocket {
        val factory = tls ?: throw IOException("nobody is believed over TLS: name the CA")
        val name = names[peer] ?: throw IOException("no name is known for the certificate of $peer")
        socket.soTimeout = PATIENCE_MS
        val secure = factory.createSocket(socket, name, peer.port, true) as SSLSocket
        secure.sslParameters = secure.sslParameters.also { it.endpointIdentificationAlgorithm = "HTTPS" }
        secure.startHandshake()
        socket.soTimeout = 0
        return secure
    }

    private companion object {
        const val PATIENCE_MS = 32_000
    }
}

/** A connection that tells of its end, once. */
class WatchedSocket(val peer: InetSocketAddress, private val ended: (WatchedSocket) -> Unit) : Socket() {
    @Volatile var ready = false

    @Volatile var quiet = false
    private val told = java.util.concurrent.atomic.AtomicBoolean()

    private fun tell() {
        if (told.compareAndSet(false, true)) ended(this)
    }

    override fun close() {
        super.close()
        tell()
    }

    override fun getInputStream(): InputStream = object : FilterInputStream(super.getInputStream()) {
        override fun read(): Int = watched { super.read() }

        override fun read(buffer: ByteArray, offset: Int, length: Int): Int = watched { super.read(buffer, offset, length) }

        private fun watched(read: () -> Int): Int = try {
            read().also { if (it < 0) tell() }
        } catch (error: java.net.SocketTimeoutException) {
            throw error
        } catch (error: IOException) {
            tell()
            throw error
        }
    }
}

/** JAIN SIP makes one for each stack, by this class's name; the stack's own name leads to its [Watch]. */
class Sockets : NetworkLayer {
    private lateinit var watch: Watch

    override fun setSipStack(stack: SipStackImpl) {
        watch = checkNotNull(watches.remove(stack.stackName)) { "there is no watch for the stack ${stack.stackName}" }
    }

    override fun createServerSocket(port: Int, backlog: Int, address: InetAddress?) = ServerSocket(port, backlog, address)

    override fun createSSLServerSocket(port: Int, backlog: Int, address: InetAddress?): SSLServerSocket =
        SSLServerSocketFactory.getDefault().createServerSocket(port, backlog, address) as SSLServerSocket

    override fun createSocket(address: InetAddress, port: Int): Socket = watch.connect(address, port, secure = false)

    override fun createSocket(address: InetAddress, port: Int, local: InetAddress?): Socket = createSocket(address, port)

    override fun createSocket(address: InetAddress, port: Int, local: InetAddress?, localPort: Int): Socket =
        createSocket(address, port)

    override fun createSSLSocket(address: InetAddress, port: Int): SSLSocket =
        watch.connect(address, port, secure = true) as SSLSocket

    override fun createSSLSocket(address: InetAddress, port: Int, local: InetAddress?): SSLSocket =
        createSSLSocket(address, port)

    override fun createDatagramSocket() = DatagramSocket()

    override fun createDatagramSocket(port: Int, address: InetAddress?) = DatagramSocket(port, address)

    companion object {
        /** By the stack's name, until that stack is made. */
        val watches = ConcurrentHashMap<String, Watch>()
    }
}
