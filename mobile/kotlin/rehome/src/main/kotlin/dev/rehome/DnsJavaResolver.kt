package dev.rehome

import dev.rehome.ffi.Answer
import dev.rehome.ffi.Decoded
import dev.rehome.ffi.LookupFailure
import dev.rehome.ffi.LookupKind
import dev.rehome.ffi.RehomeException
import dev.rehome.ffi.decodeAnswer
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.ensureActive
import kotlinx.coroutines.future.await
import kotlinx.coroutines.withContext
import kotlinx.coroutines.withTimeoutOrNull
import org.xbill.DNS.DClass
import org.xbill.DNS.ExtendedResolver
import org.xbill.DNS.Message
import org.xbill.DNS.Name
import org.xbill.DNS.Record
import org.xbill.DNS.ResolverConfig
import org.xbill.DNS.SimpleResolver
import org.xbill.DNS.TextParseException
import org.xbill.DNS.Type
import org.xbill.DNS.WireParseException
import java.io.IOException
import java.net.InetSocketAddress
import java.net.SocketTimeoutException
import java.time.Duration
import java.util.concurrent.TimeoutException
import kotlin.coroutines.coroutineContext

/**
 * Asks DNS by dnsjava. A server that is silent for 1.5 s has had its turn; then comes the next one, and after the last the first
 * again, three times each, as long as the policy waits. An answer that is cut short is asked for again over TCP; what an answer
 * means is read by the policy's own code.
 */
public class DnsJavaResolver private constructor(private val find: () -> org.xbill.DNS.Resolver?) : Resolver {
    /** Asks the servers that the system names at the time of each lookup. */
    public constructor() : this(
        Servers {
            ResolverConfig.refresh()
            ResolverConfig.getCurrentConfig().servers()
        },
    )

    /** Asks this server alone. */
    public constructor(server: InetSocketAddress) : this(Servers { listOf(server) })

    /** Asks as you have set dnsjava up: servers, time-outs, how often. */
    public constructor(dns: org.xbill.DNS.Resolver) : this({ dns })

    /** Asks these servers, named anew at each lookup; none is a failure of the network. */
    internal constructor(servers: Servers) : this(servers::resolver)

    /** dnsjava's resolver over servers, kept as long as they are the same: it learns which of them answer. */
    internal class Servers(private val now: () -> List<InetSocketAddress>) {
        private var servers = emptyList<InetSocketAddress>()
        private var known: org.xbill.DNS.Resolver? = null

        @Synchronized
        fun resolver(): org.xbill.DNS.Resolver? {
            val now = now()
            if (now != servers) {
                servers = now
                known = if (now.isEmpty()) null else ExtendedResolver(now.map { server(it) })
            }
            return known
        }

        private fun server(address: InetSocketAddress) = SimpleResolver(address).apply { timeout = TURN }
    }

    override suspend fun lookup(name: String, kind: LookupKind, timeoutMs: Long): Answer {
        val question = try {
            Message.newQuery(Record.newRecord(Name.fromString(name, Name.root), kind.type(), DClass.IN))
        } catch (_: TextParseException) {
            return Answer.Failed(LookupFailure.OTHER)
        }
        val reply = try {
            val dns = withContext(Dispatchers.IO) { find() } ?: return Answer.Failed(LookupFailure.NETWORK)
            withTimeoutOrNull(timeoutMs) { dns.sendAsync(question).await() }
        } catch (error: Exception) {
            coroutineContext.ensureActive()
            return Answer.Failed(meaning(error))
        }
        reply ?: return Answer.Failed(LookupFailure.TIMEOUT)
        return try {
            when (val decoded = decodeAnswer(reply.toWire(), name, kind)) {
                is Decoded.Answer -> decoded.answer
                Decoded.Truncated -> Answer.Failed(LookupFailure.MALFORMED)
            }
        } catch (_: RehomeException) {
            Answer.Failed(LookupFailure.MALFORMED)
        }
    }

    private fun LookupKind.type() = when (this) {
        LookupKind.SRV -> Type.SRV
        LookupKind.A -> Type.A
        LookupKind.AAAA -> Type.AAAA
    }

    private fun meaning(error: Throwable): LookupFailure = when (error) {
        is SocketTimeoutException, is TimeoutException -> LookupFailure.TIMEOUT
        is WireParseException -> LookupFailure.MALFORMED
        is IOException -> if (error.message.orEmpty().startsWith("Timed out")) LookupFailure.TIMEOUT else LookupFailure.NETWORK
        else -> LookupFailure.OTHER
    }

    private companion object {
        /** How long one server is waited for before it is the next one's turn. */
        val TURN: Duration = Duration.ofMillis(1500)
    }
}
