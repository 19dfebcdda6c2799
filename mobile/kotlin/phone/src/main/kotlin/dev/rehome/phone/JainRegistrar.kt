package dev.rehome.phone

import dev.rehome.Attempt
import dev.rehome.RegisterRequest
import dev.rehome.Registrar
import dev.rehome.Resolver
import dev.rehome.UnregisterRequest
import dev.rehome.ffi.Answer
import dev.rehome.ffi.LookupKind
import dev.rehome.ffi.Outcome
import dev.rehome.ffi.Target
import dev.rehome.ffi.Transport
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.currentCoroutineContext
import kotlinx.coroutines.job
import kotlinx.coroutines.launch
import java.net.InetAddress
import java.net.InetSocketAddress
import java.util.UUID
import java.util.concurrent.ConcurrentHashMap
import javax.net.ssl.SSLSocketFactory

/** Who registers. */
class Account(val user: String, val password: String, val domain: String?)

/** A `Registrar` over JAIN SIP: UDP, TCP and TLS. [resolver] finds the addresses of targets; [local] is this phone's own. */
class JainRegistrar(private val account: Account, private val resolver: Resolver, local: InetAddress, tls: SSLSocketFactory?) :
    Registrar {
    private val messages = Messages(account.user, token())
    private val instance = token()
    private val bindings = ConcurrentHashMap<Long, Binding>()

    /** Where which target was registered last. */
    private val flows = ConcurrentHashMap<InetSocketAddress, Target>()

    @Volatile private var listener: ((Target) -> Unit)? = null
    private val stack = Stack(local, tls) { peer -> flows.remove(peer)?.let { listener?.invoke(it) } }

    override fun onFlowLost(listener: ((Target) -> Unit)?) {
        this.listener = listener
    }

    override suspend fun register(request: RegisterRequest, attempt: Attempt): Outcome = with(request) {
        val peer = attempt.whileWanted { Found(peer(target, address)) } ?: return Outcome.NotSent
        peer.address ?: return peer.outcome(target)
        // Before it is sent: the connection may end right after the answer.
        val first = target.transport != Transport.UDP && flows.put(peer.address, target) == null
        val outcome = exchange(target, peer.address, binding, expires, attempt)
        when {
            outcome !is Outcome.Accepted -> if (first) flows.remove(peer.address)
            // Told before the answer it was nobody's loss; our caller ends when the answer has been handed in.
            target.transport != Transport.UDP && !flows.containsKey(peer.address) ->
                currentCoroutineContext().job.invokeOnCompletion { listener?.invoke(target) }
        }
        outcome
    }

    override suspend fun unregister(request: UnregisterRequest, attempt: Attempt): Outcome = with(request) {
        val peer = Found(peer(target, address))
        peer.address ?: return peer.outcome(target)
        // Of no further use, whatever comes of it.
        flows.remove(peer.address)
        val outcome = exchange(target, peer.address, binding, 0, attempt)
        bindings.remove(binding)
        outcome
    }

    private class Found(val address: InetSocketAddress?) {
        fun outcome(target: Target) = if (target.transport.isOurs()) Outcome.NoAddress else Outcome.NotSent
    }

    /** Another network: sockets of the old one lead nowhere. */
    fun dropFlows() {
        flows.clear()
        stack.dropFlows()
    }

    override suspend fun close(): Unit = stack.close()

    private suspend fun peer(target: Target, address: String?): InetSocketAddress? {
        if (!target.transport.isOurs()) return null
        val literal = address ?: target.host.takeIf { LITERAL.matches(it) || ':' in it }
        val found = literal ?: resolve(target.host) ?: return null
        return InetSocketAddress(InetAddress.getByName(found), target.port)
    }

    private suspend fun resolve(host: String): String? {
        for (kind in listOf(LookupKind.A, LookupKind.AAAA)) {
            val answer = resolver.lookup(host, kind, PATIENCE_MS)
            if (answer is Answer.Addresses) answer.addresses.firstOrNull()?.let { return it }
        }
        return null
    }

    private suspend fun exchange(
        target: Target, peer: InetSocketAddress, number: Long, expires: Long, attempt: Attempt,
    ): Outcome = coroutineScope {
        val transport = target.transport.name.lowercase()
        if (!stack.has(transport)) return@coroutineScope Outcome.NotSent
        if (target.transport == Transport.TLS) stack.expect(peer, target.tlsName)
        val binding = bindings.getOrPut(number) { Binding("${account.user}-$instance-$number", token()) }
        val local = InetSocketAddress(stack.local, stack.port(transport))
        val job = Job(target, peer, local, account.domain ?: target.tlsName, binding, expires, attempt)
        val end = launch {
            attempt.awaitGivenUp()
            job.giveUp?.now()
        }
        try {
            run(job)
        } finally {
            end.cancel()
        }
    }

    private class Job(
        val target: Target, val peer: InetSocketAddress, val local: InetSocketAddress, val domain: String,
        val binding: Binding, val expires: Long, val attempt: Attempt,
    ) {
        @Volatile var giveUp: GiveUp? = null
    }

    /** The REGISTER, and its challenges: the first is answered, a second only if the nonce was stale (rule 3.1c). */
    private suspend fun run(job: Job): Outcome {
        var answered = 0
        var challenge: Challenge? = null
        while (true) {
            // What has not been sent is not sent any more.
            if (job.attempt.isGivenUp) return Outcome.NotSent
            val request = with(job) { messages.register(target, peer, local, domain, binding, expires) }
            challenge?.let { request.addHeader(it.answer(account.user, account.password, request.requestURI, messages.headers)) }
            val transport = job.target.transport.name.lowercase()
            val response = when (val reply = stack.send(request, transport, job.peer) { job.giveUp = it }) {
                is Reply.Failed -> return reply.outcome
                is Reply.Final -> reply.response
            }
            challenge = Challenge.of(response)?.takeIf { answered == 0 || (answered == 1 && it.stale) }
            if (challenge == null || job.attempt.isGivenUp) return messages.outcome(response, job.binding)
            answered++
        }
    }

    private companion object {
        const val PATIENCE_MS = 10_000L
        val LITERAL = Regex("[0-9.]+")

        fun token() = UUID.randomUUID().toString().take(8)

        fun Transport.isOurs() = this == Transport.UDP || this == Transport.TCP || this == Transport.TLS
    }
}
