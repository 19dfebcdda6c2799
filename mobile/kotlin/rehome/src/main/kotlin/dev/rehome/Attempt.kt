package dev.rehome

import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Deferred
import kotlinx.coroutines.async
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.job
import kotlinx.coroutines.selects.select

/** Whether the policy still waits for one REGISTER. */
public class Attempt {
    private val end = CompletableDeferred<Unit>()

    /** True once nobody waits: open no connection for it any more. */
    public val isGivenUp: Boolean get() = end.isCompleted

    /** Returns when it is given up. */
    public suspend fun awaitGivenUp(): Unit = end.await()

    /** Runs what is only of use while somebody waits, such as a connect; cancels it and returns null when it is given up. */
    public suspend fun <T : Any> whileWanted(block: suspend CoroutineScope.() -> T): T? = coroutineScope {
        if (isGivenUp) return@coroutineScope null
        val work = async(block = block)
        select {
            work.onAwait { it }
            end.onAwait {
                work.cancel()
                null
            }
        }
    }

    internal fun giveUp() {
        end.complete(Unit)
    }
}

/** Waits for a result, or for the end of those who could bring it: then null. */
internal suspend fun <T : Any> Deferred<T>.awaitOr(worker: CoroutineScope): T? = select {
    onAwait { it }
    worker.coroutineContext.job.onJoin { null }
}
