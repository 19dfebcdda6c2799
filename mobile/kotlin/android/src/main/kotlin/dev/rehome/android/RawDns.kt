package dev.rehome.android

import android.net.DnsResolver
import android.net.Network
import android.os.Build
import android.os.CancellationSignal
import android.system.ErrnoException
import androidx.annotation.RequiresApi
import dev.rehome.ffi.LookupFailure
import kotlinx.coroutines.suspendCancellableCoroutine
import java.util.concurrent.Executor
import kotlin.coroutines.resume

/** One DNS message there and one back; an interface, since the platform's own does not run in tests. */
internal fun interface RawDns {
    /** Calls back once, on any thread, unless [signal] is cancelled before. */
    fun ask(question: ByteArray, network: Network?, signal: CancellationSignal, back: (Reply) -> Unit)

    sealed interface Reply {
        class Message(val bytes: ByteArray) : Reply

        class Failed(val cause: LookupFailure) : Reply
    }
}

/** Returns the reply; cancelled, it tells the platform. */
internal suspend fun RawDns.reply(question: ByteArray, network: Network?): RawDns.Reply =
    suspendCancellableCoroutine { continuation ->
        val signal = CancellationSignal()
        continuation.invokeOnCancellation { signal.cancel() }
        ask(question, network, signal) { continuation.resume(it) }
    }

/** Android's resolver. It repeats, asks over TLS (Private DNS) where that is set, and over TCP where an answer is cut short. */
@RequiresApi(Build.VERSION_CODES.Q)
internal object PlatformDns : RawDns {
    /** On the platform's thread: what is done there is short. */
    private val here = Executor(Runnable::run)

    override fun ask(question: ByteArray, network: Network?, signal: CancellationSignal, back: (RawDns.Reply) -> Unit) {
        val callback = object : DnsResolver.Callback<ByteArray> {
            // The code is in the message, too.
            override fun onAnswer(answer: ByteArray, rcode: Int) = back(RawDns.Reply.Message(answer))

            override fun onError(error: DnsResolver.DnsException) = back(RawDns.Reply.Failed(meaning(error.code, error.cause)))
        }
        // Past the cache, which hands out times to live that have run for a while: they are the policy's.
        DnsResolver.getInstance().rawQuery(network, question, DnsResolver.FLAG_NO_CACHE_LOOKUP, here, signal, callback)
    }

    fun meaning(code: Int, cause: Throwable?): LookupFailure = when {
        code == DnsResolver.ERROR_PARSE -> LookupFailure.MALFORMED
        cause !is ErrnoException -> LookupFailure.OTHER
        cause.errno == ETIMEDOUT -> LookupFailure.TIMEOUT
        cause.errno in UNREACHABLE -> LookupFailure.NETWORK
        else -> LookupFailure.OTHER
    }

    // Linux's numbers: the platform's names for some of them came later than this resolver.
    private const val ETIMEDOUT = 110

    /** EPERM and EACCES (blocked in doze, or no permission), ENONET, ENETDOWN, ENETUNREACH, ECONNREFUSED, EHOSTUNREACH. */
    private val UNREACHABLE = setOf(1, 13, 64, 100, 101, 111, 113)
}
