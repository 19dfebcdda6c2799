package dev.rehome.phone

import dev.rehome.ffi.Outcome
import dev.rehome.ffi.Unreachable
import gov.nist.javax.sip.stack.SIPTransaction
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.runInterruptible
import kotlinx.coroutines.withTimeoutOrNull
import java.net.ConnectException
import java.net.DatagramSocket
import java.net.InetAddress
import java.net.InetSocketAddress
import java.net.NoRouteToHostException
import java.net.ServerSocket
import java.net.SocketTimeoutException
import java.util.Properties
import java.util.UUID
import java.util.concurrent.ConcurrentHashMap
import javax.net.ssl.SSLException
import javax.net.ssl.SSLSocketFactory
import javax.sip.ClientTransaction
import javax.sip.DialogTerminatedEvent
import javax.sip.IOExceptionEvent
import javax.sip.ListeningPoint
import javax.sip.RequestEvent
import javax.sip.ResponseEvent
import javax.sip.SipException
import javax.sip.SipFactory
import javax.sip.SipListener
import javax.sip.SipProvider
import javax.sip.SipStack
import javax.sip.TimeoutEvent
import javax.sip.TransactionTerminatedEvent
import javax.sip.header.ViaHeader
import javax.sip.message.Request
import javax.sip.message.Response

/** What came of a request. */
sealed class Reply {
    class Final(val response: Response) : Reply()

    class Failed(val outcome: Outcome) : Reply()
}

/** A JAIN SIP stack: requests out, final answers in, and the loss of connections. */
class Stack(val local: InetAddress, tls: SSLSocketFactory?, lost: (InetSocketAddress) -> Unit) : SipListener, AutoCloseable {
    private val name = "rehome-${UUID.randomUUID()}"
    private val waiting = ConcurrentHashMap<String, Waiting>()
    private val stack: SipStack
    private val providers: Map<String, SipProvider>
    private val watch = Watch(tls) { peer ->
        val waited = waiting.values.filter { it.peer == peer }
        // The answer may have come before the end: another thread parses it while this one holds the end back.
        runBlocking { withTimeoutOrNull(PARSED_MS) { waited.forEach { it.reply.join() } } }
        val closed = Reply.Failed(Outcome.Unreachable(Unreachable.CLOSED))
        // An attempt that still waits brings the news itself, unless nobody listens to it any more.
        if (waited.count { it.reply.complete(closed) && !it.givenUp } == 0) lost(peer)
    }

    private class Waiting(val peer: InetSocketAddress, val transaction: ClientTransaction) {
        val reply = CompletableDeferred<Reply>()

        @Volatile var givenUp = false
    }

    init {
        Sockets.watches[name] = watch
        val settings = Properties()
        settings["javax.sip.STACK_NAME"] = name
        settings["javax.sip.AUTOMATIC_DIALOG_SUPPORT"] = "off"
        settings["gov.nist.javax.sip.NETWORK_LAYER"] = Sockets::class.java.name
        settings["gov.nist.javax.sip.TLS_CLIENT_PROTOCOLS"] = "TLSv1.3,TLSv1.2"
        settings["gov.nist.javax.sip.TRACE_LEVEL"] = "0"
        settings["gov.nist.javax.sip.REENTRANT_LISTENER"] = "true"
        settings["gov.nist.javax.sip.THREAD_POOL_SIZE"] = "4"
        val factory = SipFactory.getInstance()
        synchronized(factory) {
            factory.pathName = "gov.nist"
            stack = factory.createSipStack(settings)
        }
        val transports = listOfNotNull("udp", "tcp", if (tls == null) null else "tls")
        providers = transports.associateWith { transport ->
            stack.createSipProvider(listen(transport)).also { it.addSipListener(this) }
        }
    }

    private fun listen(transport: String): ListeningPoint {
        repeat(TRIES) {
            try {
                return stack.createListeningPoint(local.hostAddress, freePort(transport), transport)
            } catch (_: javax.sip.InvalidArgumentException) {
                // Somebody was quicker.
            }
        }
        throw SipException("no port is free for $transport at $local")
    }

    private fun freePort(transport: String): Int =
        if (transport == "udp") DatagramSocket(0, local).use { it.localPort } else ServerSocket(0, 1, local).use { it.localPort }

    fun port(transport: String): Int = providers.getValue(transport).getListeningPoint(transport).port

    fun has(transport: String): Boolean = transport in providers

    /** Closes connections without a word: another network, or no further use. */
    fun dropFlows(peer: InetSocketAddress? = null): Unit = watch.forget { peer == null || it.peer == peer }

    fun expect(peer: InetSocketAddress, tlsName: String): Unit = watch.expect(peer, tlsName)

    /** Sends and waits for the final answer, for timer F at most; [sent] is called once there is something to wait for. */
    suspend fun send(request: Request, transport: String, peer: InetSocketAddress, sent: (GiveUp) -> Unit): Reply {
        val transaction = providers.getValue(transport).getNewClientTransaction(request)
        val open = Waiting(peer, transaction)
        waiting[transaction.branchId] = open
        try {
            sent(
                GiveUp {
                    open.givenUp = true
                    watch.giveUp(peer)
                    // Listened for, but not sent again.
                    (transaction as SIPTransaction).disableRetransmissionTimer()
                },
            )
            try {
                runInterruptible(Dispatchers.IO) { transaction.sendRequest() }
            } catch (error: SipException) {
                return Reply.Failed(outcome(watch.failure(peer) ?: error))
            }
            return open.reply.await()
        } finally {
            waiting.remove(transaction.branchId)
        }
    }

    private fun outcome(error: Exception): Outcome = Outcome.Unreachable(
        when (error) {
            is SSLException -> Unreachable.TLS
            is NoRouteToHostException -> Unreachable.NO_ROUTE
            is ConnectException -> Unreachable.REFUSED
            is SocketTimeoutException -> Unreachable.TIMEOUT
            is java.io.IOException -> Unreachable.CLOSED
            else -> Unreachable.OTHER
        },
    )

    override fun processResponse(event: ResponseEvent) {
        if (event.response.statusCode < FINAL) return
        val branch = (event.response.getHeader(ViaHeader.NAME) as ViaHeader).branch
        waiting[branch]?.reply?.complete(Reply.Final(event.response))
    }

    override fun processTimeout(event: TimeoutEvent) {
        if (event.isServerTransaction) return
        val failed = Reply.Failed(Outcome.Unreachable(Unreachable.TIMEOUT))
        waiting[event.clientTransaction.branchId]?.reply?.complete(failed)
    }

    override fun processIOException(event: IOExceptionEvent) {
        val peer = InetSocketAddress(event.host, event.port)
        val failed = Reply.Failed(Outcome.Unreachable(Unreachable.OTHER))
        waiting.values.filter { it.peer == peer }.forEach { it.reply.complete(failed) }
    }

    /** Nobody calls this phone. */
    override fun processRequest(event: RequestEvent): Unit = Unit

    override fun processTransactionTerminated(event: TransactionTerminatedEvent): Unit = Unit

    override fun processDialogTerminated(event: DialogTerminatedEvent): Unit = Unit

    override fun close() {
        dropFlows()
        stack.stop()
    }

    private companion object {
        const val TRIES = 20
        const val FINAL = 200
        const val PARSED_MS = 300L
    }
}

/** Tells that nobody waits any more. */
fun interface GiveUp {
    fun now()
}
