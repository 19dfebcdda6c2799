package dev.rehome

import dev.rehome.ffi.Answer
import dev.rehome.ffi.Decoded
import dev.rehome.ffi.LookupFailure
import dev.rehome.ffi.LookupKind
import dev.rehome.ffi.RehomeException
import dev.rehome.ffi.decodeAnswer
import kotlinx.coroutines.ensureActive
import kotlinx.coroutines.future.await
import kotlinx.coroutines.withTimeoutOrNull
import org.xbill.DNS.DClass
import org.xbill.DNS.ExtendedResolver
import org.xbill.DNS.Message
import org.xbill.DNS.Name
import org.xbill.DNS.Record
import org.xbill.DNS.SimpleResolver
import org.xbill.DNS.TextParseException
import org.xbill.DNS.Type
import java.io.IOException
import java.net.InetSocketAddress
import java.net.SocketTimeoutException
import java.util.concurrent.TimeoutException
import kotlin.coroutines.coroutineContext

/**
 * Asks DNS by dnsjava: the servers that the system names, or others. dnsjava sends, repeats, and asks over TCP where an answer
 * is cut short; what the answer means is read by the policy's own code.
 */
public class DnsJavaResolver(private val dns: org.xbill.DNS.Resolver = ExtendedResolver()) : Resolver {
    /** Asks this server alone. */
    public constructor(server: InetSocketAddress) : this(ExtendedResolver(listOf(SimpleResolver(server))))

    override suspend fun lookup(name: String, kind: LookupKind, timeoutMs: Long): Answer {
        val question = try {
            Message.newQuery(Record.newRecord(Name.fromString(name, Name.root), kind.type(), DClass.IN))
        } catch (_: TextParseException) {
            return Answer.Failed(LookupFailure.OTHER)
        }
        val reply = try {
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
        is IOException -> if (error.message.orEmpty().startsWith("Timed out")) LookupFailure.TIMEOUT else LookupFailure.NETWORK
        else -> LookupFailure.OTHER
    }
}
